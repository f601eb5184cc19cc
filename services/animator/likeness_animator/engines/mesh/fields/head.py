"""How the head turns, tilts and shifts."""

import numpy as np

from likeness_animator.engines.mesh.fields.controls import Control
from likeness_animator.engines.mesh.fields.curves import bell, smoothstep
from likeness_animator.engines.mesh.shape import Array, FaceShape

HEAD_DEPTH_MM = 75.0
NOSE_DEPTH_MM = 22.0
NECK_PIVOT_BELOW_CHIN_MM = 45.0


def add_head(shape: FaceShape, points: Array, out: Array) -> None:
    """Add rotations, by radians, and shifts, by mm, of the head to the fields `out` (controls, ..., 2)."""
    x, y = points[..., 0], points[..., 1]
    height = shape.chin[1] - shape.top_y
    centre_y = (shape.chin[1] + shape.top_y) / 2 - 0.08 * height
    oval = np.hypot(x / (1.22 * shape.half_width), (y - centre_y) / (0.68 * height))
    hold = (1 - smoothstep((oval - 0.95) / 0.95)) * (1 - smoothstep((y - shape.chin[1] - 4) / 80))
    depth = HEAD_DEPTH_MM * np.clip(1 - oval**2, 0, None) ** 0.75
    nose = bell((x - shape.nose_tip[0]) / 13) * bell((y - shape.nose_tip[1]) / 17)
    depth = depth + NOSE_DEPTH_MM * nose
    pivot_y = shape.chin[1] + NECK_PIVOT_BELOW_CHIN_MM
    out[Control.YAW, ..., 0] = depth * hold
    out[Control.PITCH, ..., 1] = depth * hold
    out[Control.ROLL, ..., 0] = (pivot_y - y) * hold
    out[Control.ROLL, ..., 1] = x * hold
    out[Control.SHIFT_X, ..., 0] = hold
    out[Control.SHIFT_Y, ..., 1] = hold
