"""How a smile moves the face: the same above and below the lips, so that a shut mouth stays shut."""

import numpy as np

from likeness_animator.engines.mesh.fields.controls import Control
from likeness_animator.engines.mesh.fields.curves import bell, smoothstep
from likeness_animator.engines.mesh.fields.rest import rest_of
from likeness_animator.engines.mesh.shape import Array, FaceShape

CORNER_UP_MM, CORNER_OUT_MM, MIDDLE_DOWN_MM = 3.6, 3.2, 0.7
"""A full smile: corners rise and part, the middle of the lips is drawn tight and a little down."""
CHEEK_UP_MM, CHEEK_OUT_MM = 2.6, 0.8
CHEEK_ABOVE_MM, CHEEK_WIDTH_MM, CHEEK_HEIGHT_MM = 24.0, 17.0, 17.0
ALONG, ACROSS_MM = 0.75, 17.0
"""Reach of the corners' motion: in halves of the mouth's width, and up and down."""
FIRST_RISE = 0.35


def add_smile(shape: FaceShape, points: Array, out: Array) -> None:
    """Add the smile to the fields `out` (controls, ..., 2), at points of a face whose mouth is at rest."""
    mouth = rest_of(shape).slit
    x, y = points[..., 0], points[..., 1]
    s = mouth.along(x)
    side = np.sign(s)
    beside = bell((np.abs(s) - 1) / ALONG)
    near = bell((y - mouth.centre[1]) / ACROSS_MM)
    corner = beside * near * smoothstep(np.abs(s) / (1 - FIRST_RISE))
    middle = bell(s / 0.6) * near
    out[Control.SMILE, ..., 0] += CORNER_OUT_MM * side * corner
    out[Control.SMILE, ..., 1] += MIDDLE_DOWN_MM * middle - CORNER_UP_MM * corner
    for towards in (-1.0, 1.0):
        cheek_x = mouth.middle_x + towards * 0.62 * shape.half_width
        cheek = bell((x - cheek_x) / CHEEK_WIDTH_MM) * bell((y - mouth.centre[1] + CHEEK_ABOVE_MM) / CHEEK_HEIGHT_MM)
        out[Control.SMILE, ..., 0] += CHEEK_OUT_MM * towards * cheek
        out[Control.SMILE, ..., 1] -= CHEEK_UP_MM * cheek
