"""How brows, irises and lids move."""

import numpy as np

from likeness_animator.engines.mesh.fields.controls import Control
from likeness_animator.engines.mesh.fields.curves import bell, smoothstep
from likeness_animator.engines.mesh.shape import Array, Eye, FaceShape

LASH_MM = 0.8
LID_CORNER_MM, LID_CORNER_REACH = 1.4, 0.12
"""The lashes beyond a corner sink with the lid, or a spike of them would stay behind."""


def lid_field(eye: Eye, points: Array) -> Array:
    """How the upper lid and the skin up to the brow move when the eye shuts: (..., 2) in mm."""
    s = eye.slit.along(points[..., 0])
    upper, lower = eye.slit.at(eye.slit.upper, s), eye.slit.at(eye.slit.lower, s)
    window = np.clip(1 - s * s, 0.0, None)
    travel = (lower - upper) + 0.9 * np.sqrt(window) * window
    reach = np.maximum(eye.slit.at(eye.slit.upper, s) - eye.brow_y, 6.0) * 0.9
    fade = 1 - smoothstep((upper - LASH_MM - points[..., 1]) / reach)
    field = np.zeros(points.shape)
    corners = LID_CORNER_MM * bell((np.abs(s) - 1) / LID_CORNER_REACH)
    field[..., 1] = (travel * (np.abs(s) < 1) + corners) * fade
    return field


def add_eyes_and_brows(shape: FaceShape, points: Array, out: Array) -> None:
    """Add raised brows and moved irises to the fields `out` (controls, ..., 2)."""
    x, y = points[..., 0], points[..., 1]
    for eye in shape.eyes:
        side = bell((x - eye.slit.middle_x) / 24)
        above = bell((y - eye.brow_y) / 11) * smoothstep((eye.slit.centre[1] - 3 - y) / 8)
        out[Control.BROW, ..., 1] -= side * above
        near = np.hypot(x - eye.iris[0], y - eye.iris[1]) / eye.iris_radius
        bump = 1 - smoothstep((near - 0.8) / 1.0)
        out[Control.GAZE_X, ..., 0] += bump
        out[Control.GAZE_Y, ..., 1] += bump
