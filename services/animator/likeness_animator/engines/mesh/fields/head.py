"""How the head turns, tilts and shifts.

The points of the head, at a depth of their own, are turned in space about the joint between skull and neck and seen
from afar (orthographic projection). What moves a point is then linear in the elements of the rotation matrix, so six
fields, weighted by those elements, show every rotation exactly.
"""

from dataclasses import dataclass

import numpy as np

from likeness_animator.engines.mesh.fields.controls import Control
from likeness_animator.engines.mesh.fields.curves import smoothstep
from likeness_animator.engines.mesh.fields.surface import HeadSurface
from likeness_animator.engines.mesh.shape import Array, FaceShape

PIVOT_ABOVE_CHIN_MM = 22.0
NECK_FROM_BELOW_CHIN_MM, NECK_MM = -8.0, 88.0
"""Between the jaw and the collar the motion of the head runs out."""
HALO = (0.95, 1.9)
"""In units of an oval around hair and ears: between these the background beside the head comes to rest."""
CUT_OUT_HALO = (1.15, 1.84)
"""Where the background stays behind by itself, all hair is moved with the skull, out to the border of the region."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one portrait."""

    shape: FaceShape
    surface: HeadSurface
    halo: tuple[float, float] = HALO

    def add(self, points: Array, out: Array) -> None:
        """Add rotation, by elements of its matrix, and shifts, by mm, to the fields `out` (controls, ..., 2)."""
        hold = self._hold(points)
        x, y = points[..., 0] * hold, (points[..., 1] - self.shape.chin[1] + PIVOT_ABOVE_CHIN_MM) * hold
        depth = self.surface.depth(points) * hold
        out[Control.YAW, ..., 0] = depth
        out[Control.PITCH, ..., 1] = depth
        out[Control.ROLL, ..., 0] = -y
        out[Control.ROLL, ..., 1] = x
        out[Control.NARROW, ..., 0] = x
        out[Control.FLATTEN, ..., 1] = y
        out[Control.SHEAR, ..., 0] = y
        out[Control.SHIFT_X, ..., 0] = hold
        out[Control.SHIFT_Y, ..., 1] = hold

    def _hold(self, points: Array) -> Array:
        """1 on the head, 0 on the shoulders and away from the head."""
        x, y = points[..., 0], points[..., 1]
        shape = self.shape
        neck = 1 - smoothstep((y - shape.chin[1] - NECK_FROM_BELOW_CHIN_MM) / NECK_MM)
        height = shape.chin[1] - shape.top_y
        centre_y = (shape.chin[1] + shape.top_y) / 2 - 0.08 * height
        oval = np.hypot(x / (1.22 * shape.half_width), (y - centre_y) / (0.68 * height))
        return neck * (1 - smoothstep((oval - self.halo[0]) / (self.halo[1] - self.halo[0])))
