"""How lips, jaw, cheeks and chin move when the mouth does, all seen from the closed and relaxed mouth."""

import numpy as np

from likeness_animator.engines.mesh.fields.controls import Control
from likeness_animator.engines.mesh.fields.curves import bell
from likeness_animator.engines.mesh.fields.rest import WIDTH_MM, Rest, inside, jaw_share, rest_of, to_rest
from likeness_animator.engines.mesh.shape import CONTOUR_NODES, SPAN, Array, FaceShape

OPENINGS = [Control.JAW, Control.LOWER_WIDE, Control.LOWER_ROUND]
PUCKER_SHARE = 0.36
"""Of half the mouth's width."""
PUCKER_SAG_MM = 0.8
JAW_AT_MIDDLE, JAW_AT_CORNERS = 0.06, 0.36
"""Share of the chin's drop by which the line of the lips follows it: an open mouth is arched above."""
ROUND_SHARE = 0.7
"""Of the mouth's width, the part that a rounded opening spans."""
ROUND_LIFT = 1.45
"""Rounded lips part upwards, too: more than spread ones."""
SIDE_PRESS_MM = 0.8
THICK_LIP_MM = 6.0
"""Thicker lips change no more than such a one."""
TUCK_OF_LIP, TUCK_LIFT_MM = 0.8, 0.7
"""Of the share of the lower lip that rolls in behind the upper teeth, and how far its edge rises to them."""
LOWER_FACE_MM = 46.0
"""From the line of the lips to the chin of an average face."""
SMALLEST = 0.72
HEIGHT_MM = 24.0
"""How far above and below the mouth its width is felt."""


def seam_y(shape: FaceShape) -> float:
    """Where closed lips meet at the middle of the mouth, in face mm."""
    return float(rest_of(shape).seam[CONTOUR_NODES // 2])


def opening_scale(shape: FaceShape) -> float:
    """How far lower lip and jaw drop against those of an average face, 0.72 to 1.

    Less where the mouth is narrow or has little face below it.
    """
    rest = rest_of(shape)
    below = float(shape.chin[1]) - float(rest.seam[CONTOUR_NODES // 2])
    return float(np.clip(rest.slit.width / WIDTH_MM * below / LOWER_FACE_MM, SMALLEST, 1.0))


def add_lip(shape: FaceShape, points: Array, out: Array, *, upper: bool) -> None:
    """Everything that belongs to one side of the mouth: its lip, and the share of jaw, cheeks and chin."""
    rest = rest_of(shape)
    out[Control.NEUTRAL] += to_rest(shape, rest, points, upper=upper)
    points = points + out[Control.NEUTRAL]
    s = rest.slit.along(points[..., 0])
    above, near = rest.side(s, points[..., 1])
    hidden = inside(s, above, upper=upper)
    near = near + (1 - near) * hidden
    _add_jaw(shape, rest, points, near, hidden, out)
    _add_width(rest, points, near, out)
    _add_opening(s, near, out, upper=upper)
    out[OPENINGS] *= opening_scale(shape)
    _add_thickness(rest, s, above, near, out, upper=upper)


def _add_jaw(shape: FaceShape, rest: Rest, points: Array, near: Array, hidden: Array, out: Array) -> None:
    """The chin drops, and takes the corners of the mouth some of the way."""
    s = rest.slit.along(points[..., 0])
    line = JAW_AT_MIDDLE + (JAW_AT_CORNERS - JAW_AT_MIDDLE) * np.clip(np.abs(s), 0, 1) ** 1.5
    line = line * near * bell(np.clip(np.abs(s) - 1, 0, None) / 0.6)
    out[Control.JAW, ..., 1] = line + (1 - line) * jaw_share(rest, shape.half_width, points) * (1 - hidden)


def _add_width(rest: Rest, points: Array, near: Array, out: Array) -> None:
    """The corners move along the mouth, the lips compress between them and the cheeks stretch beyond.

    Puckered lips meet on a level line, whatever the line of the lips at rest.
    """
    s = rest.slit.along(points[..., 0])
    beyond = np.clip(np.abs(s) - 1, 0, None)
    out[Control.WIDTH, ..., 0] = s * np.exp(-2.2 * beyond**2) * bell((points[..., 1] - rest.slit.centre[1]) / HEIGHT_MM)
    out[Control.CORNERS, ..., 0] = -PUCKER_SHARE * rest.slit.width / 2 * out[Control.WIDTH, ..., 0]
    level = rest.seam[CONTOUR_NODES // 2] + PUCKER_SAG_MM * SPAN**2
    out[Control.CORNERS, ..., 1] = rest.slit.at(level - rest.seam, s) * bell(beyond / 0.6) * near


def _add_opening(s: Array, near: Array, out: Array, *, upper: bool) -> None:
    """The lip leaves the seam: along the whole mouth, or as half of a small ellipse."""
    wide = np.clip(1 - s * s, 0, None)
    narrow = np.clip(1 - (s / ROUND_SHARE) ** 2, 0, None)
    if upper:
        out[Control.UPPER_WIDE, ..., 1] = -(wide**0.8) * near
        out[Control.UPPER_ROUND, ..., 1] = -ROUND_LIFT * narrow**0.75 * near
        # Beside a rounded opening the lips are pressed together.
        out[Control.CORNERS, ..., 1] += SIDE_PRESS_MM * wide * (1 - narrow) * near
    else:
        out[Control.LOWER_WIDE, ..., 1] = wide**0.65 * near
        out[Control.LOWER_ROUND, ..., 1] = narrow**0.85 * near


def _add_thickness(rest: Rest, s: Array, above: Array, near: Array, out: Array, *, upper: bool) -> None:
    """The red of the lip is drawn in or pushed out, while its inner edge stays."""
    lip = rest.slit.at(rest.upper_lip if upper else rest.lower_lip, s)
    depth = np.clip((above if upper else -above) / lip, 0, None)
    thin = np.minimum(lip, THICK_LIP_MM) * np.clip(1 - np.abs(s) ** 2.4, 0, None) * depth * np.exp(1 - depth)
    out[Control.PRESS, ..., 1] = thin if upper else -thin
    if not upper:
        wide = np.clip(1 - np.abs(s) ** 2.4, 0, None)
        rolled = np.where(depth < 1, depth * (2 - depth), bell(depth - 1))
        out[Control.TUCK, ..., 1] = -wide * (TUCK_OF_LIP * lip * rolled + TUCK_LIFT_MM * near)
