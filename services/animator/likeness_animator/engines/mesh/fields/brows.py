"""How the brows move."""

from likeness_animator.engines.mesh.fields.controls import Control
from likeness_animator.engines.mesh.fields.curves import bell, smoothstep
from likeness_animator.engines.mesh.shape import Array, FaceShape

BROW_WIDTH_MM, BROW_HEIGHT_MM = 24.0, 11.0
INNER_WIDTH_MM, INNER_HEIGHT_MM = 12.0, 12.0
INNER_OF_EYE = 0.45
"""From the middle of the eye to the inner end of its brow, in widths of the eye."""
FURROW_DROP = 0.7
ABOVE_EYE_MM, LID_MM = 3.0, 8.0
"""Brows move the skin from a little above the eye on, not the eye."""


def add_brows(shape: FaceShape, points: Array, out: Array) -> None:
    """Add raised and furrowed brows to the fields `out` (controls, ..., 2)."""
    x, y = points[..., 0], points[..., 1]
    for eye in shape.eyes:
        above = smoothstep((eye.slit.centre[1] - ABOVE_EYE_MM - y) / LID_MM)
        whole = bell((x - eye.slit.middle_x) / BROW_WIDTH_MM) * bell((y - eye.brow_y) / BROW_HEIGHT_MM) * above
        out[Control.BROW, ..., 1] -= whole
        towards = -1.0 if eye.slit.middle_x > 0 else 1.0
        inner_x = eye.slit.middle_x + towards * INNER_OF_EYE * eye.slit.width
        inner = bell((x - inner_x) / INNER_WIDTH_MM) * bell((y - eye.brow_y) / INNER_HEIGHT_MM) * above
        out[Control.INNER_BROW, ..., 1] -= inner
        out[Control.FURROW, ..., 1] += FURROW_DROP * inner
        out[Control.FURROW, ..., 0] += towards * inner
