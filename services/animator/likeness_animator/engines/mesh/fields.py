"""Displacement fields: how every point of the face moves when one control moves by one unit.

The fields are smooth closed-form functions of face coordinates, so they cannot fold or tear. Only the slits are torn on
purpose: what lies above a mouth or an eye and what lies below it move by different fields, which agree outside it.
A frame's motion is the sum of the fields weighted by the pose (linear blend, as in blend shapes).
"""

from enum import IntEnum

import numpy as np

from likeness_animator.engines.mesh.pose import Pose
from likeness_animator.engines.mesh.shape import CONTOUR_NODES, SPAN, Array, Eye, FaceShape

JAW_DROP_MM = 11.0
UPPER_LIP_MM = 3.2
LOWER_LIP_MM = 12.5
SPREAD_MM = 4.5
PUCKER_SHARE = 0.39
"""Of half the mouth's width: a photographed smile has further to go."""
BROW_MM = 3.0
PRESS_OF_LIP = 0.33
TUCK_OF_LIP = 0.5
REST_PRESS_OF_LIP = 0.18
"""Lips that close from a smile stretch; a little pressing gives them their thickness back."""
HEAD_DEPTH_MM = 75.0
NOSE_DEPTH_MM = 22.0
NECK_PIVOT_BELOW_CHIN_MM = 45.0
UPPER_SHARE_OF_CLOSING = 0.42
SMILE_DROP_MM = 4.2
SMILE_NARROWING_MM = 3.5
PUCKER_SAG_MM = 1.0
JAW_AT_CORNERS = 0.4
"""Share of the chin's drop by which the corners follow it: an open mouth is arched above."""
ROUND_SHARE = 0.62
"""Of the mouth's width, the part that a rounded opening spans."""
SIDE_PRESS_MM = 1.2
LASH_MM = 0.8
LID_CORNER_MM, LID_CORNER_REACH = 1.4, 0.12
"""The lashes beyond a corner sink with the lid, or a spike of them would stay behind."""


class Control(IntEnum):
    """Order of the fields."""

    NEUTRAL = 0
    JAW = 1
    UPPER_WIDE = 2
    UPPER_ROUND = 3
    LOWER_WIDE = 4
    LOWER_ROUND = 5
    WIDTH = 6
    CORNERS = 7
    PRESS = 8
    TUCK = 9
    BROW = 10
    YAW = 11
    PITCH = 12
    ROLL = 13
    SHIFT_X = 14
    SHIFT_Y = 15
    GAZE_X = 16
    GAZE_Y = 17
    BLINK = 18


def weights(pose: Pose) -> Array:
    """The weight of every field in a pose, in the order of Control."""
    mouth, head = pose.mouth, pose.head
    result = np.zeros(len(Control))
    result[Control.NEUTRAL] = 1.0
    result[Control.JAW] = mouth.jaw * JAW_DROP_MM
    # A little rounding already presses the lips together beside the opening.
    wide = (1 - mouth.rounding) ** 2
    result[Control.UPPER_WIDE] = mouth.upper * wide * UPPER_LIP_MM
    result[Control.UPPER_ROUND] = mouth.upper * (1 - wide) * UPPER_LIP_MM
    result[Control.LOWER_WIDE] = mouth.lower * wide * LOWER_LIP_MM
    result[Control.LOWER_ROUND] = mouth.lower * (1 - wide) * LOWER_LIP_MM
    result[Control.WIDTH] = max(0.0, mouth.width) * SPREAD_MM
    result[Control.CORNERS] = max(0.0, -mouth.width)
    result[Control.PRESS] = mouth.press * PRESS_OF_LIP
    result[Control.TUCK] = mouth.tuck * TUCK_OF_LIP
    result[Control.BROW] = pose.brow * BROW_MM
    result[Control.YAW : Control.ROLL + 1] = np.radians([head.yaw, head.pitch, head.roll])
    result[Control.SHIFT_X : Control.SHIFT_Y + 1] = head.shift_x, head.shift_y
    result[Control.GAZE_X : Control.GAZE_Y + 1] = pose.gaze_x, pose.gaze_y
    result[Control.BLINK] = pose.blink
    return result


def smoothstep(x: Array) -> Array:
    """0 below 0, 1 above 1, smooth between."""
    t = np.clip(x, 0.0, 1.0)
    return t * t * (3 - 2 * t)


def bell(x: Array) -> Array:
    """A Gaussian of unit height and width."""
    return np.exp(-x * x)


def face_fields(shape: FaceShape, points: Array) -> tuple[Array, Array]:
    """Fields above and below the mouth at `points` (..., 2) in face mm: two (controls, ..., 2) arrays in mm."""
    top = np.zeros((len(Control), *points.shape))
    _head(shape, points, top)
    _eyes_and_brows(shape, points, top)
    bottom = top.copy()
    _lip(shape, points, top, upper=True)
    _lip(shape, points, bottom, upper=False)
    return top, bottom


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


def seam_y(shape: FaceShape) -> float:
    """Where closed lips meet at the middle of the mouth, in face mm."""
    upper, lower = shape.mouth.upper[CONTOUR_NODES // 2], shape.mouth.lower[CONTOUR_NODES // 2]
    return float(upper + UPPER_SHARE_OF_CLOSING * (lower - upper))


def _head(shape: FaceShape, points: Array, out: Array) -> None:
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


def _eyes_and_brows(shape: FaceShape, points: Array, out: Array) -> None:
    x, y = points[..., 0], points[..., 1]
    for eye in shape.eyes:
        side = bell((x - eye.slit.middle_x) / 24)
        above = bell((y - eye.brow_y) / 11) * smoothstep((eye.slit.centre[1] - 3 - y) / 8)
        out[Control.BROW, ..., 1] -= side * above
        near = np.hypot(x - eye.iris[0], y - eye.iris[1]) / eye.iris_radius
        bump = 1 - smoothstep((near - 0.8) / 1.0)
        out[Control.GAZE_X, ..., 0] += bump
        out[Control.GAZE_Y, ..., 1] += bump


def _lip(shape: FaceShape, points: Array, out: Array, *, upper: bool) -> None:
    """Everything that belongs to one side of the mouth: its lip, and the share of jaw, cheeks and chin."""
    mouth = shape.mouth
    s, y = mouth.along(points[..., 0]), points[..., 1]
    edge = mouth.at(mouth.upper if upper else mouth.lower, s)
    depth = edge - y if upper else y - edge
    reach = edge - shape.nose_base_y if upper else 0.62 * (shape.chin[1] - edge)
    near = 1 - smoothstep(depth / reach)
    wide = np.clip(1 - np.abs(s) ** 2.4, 0, None)
    narrow = np.clip(1 - (s / ROUND_SHARE) ** 2, 0, None)

    gap = mouth.at(mouth.lower - mouth.upper, s) * (np.abs(s) < 1)
    closing = (UPPER_SHARE_OF_CLOSING if upper else UPPER_SHARE_OF_CLOSING - 1) * gap * near
    # What moves both lips together is looked up where they meet, or they would not meet any more.
    closed = np.stack([points[..., 0], y + closing], axis=-1)
    out[Control.JAW, ..., 1] = _jaw(shape, closed) * (1 - wide * near)
    _width_and_corners(shape, closed, out)
    out[Control.NEUTRAL, ..., 1] += closing

    thickness = mouth.at(shape.upper_lip if upper else shape.lower_lip, s)
    thin = thickness * wide * _swell(depth / thickness)
    if upper:
        out[Control.UPPER_WIDE, ..., 1] = -wide * near
        out[Control.UPPER_ROUND, ..., 1] = -(narrow**0.8) * near
        out[Control.PRESS, ..., 1] = thin
        out[Control.NEUTRAL, ..., 1] += REST_PRESS_OF_LIP * shape.smile * thin
        # Beside a rounded opening the lips are pressed together.
        out[Control.CORNERS, ..., 1] += SIDE_PRESS_MM * wide * (1 - narrow) * near
    else:
        out[Control.LOWER_WIDE, ..., 1] = wide * near
        out[Control.LOWER_ROUND, ..., 1] = narrow**0.7 * near
        out[Control.PRESS, ..., 1] = out[Control.TUCK, ..., 1] = -thin
        out[Control.NEUTRAL, ..., 1] -= REST_PRESS_OF_LIP * shape.smile * thin


def _levelling(shape: FaceShape, s: Array) -> Array:
    """What brings the line of the resting lips to a level one, in mm down, fading out beside the mouth."""
    mouth = shape.mouth
    rest = mouth.upper + UPPER_SHARE_OF_CLOSING * (mouth.lower - mouth.upper)
    rest = rest + SMILE_DROP_MM * shape.smile * bell((1 - np.abs(SPAN)) / 0.6)
    level = rest[CONTOUR_NODES // 2] + PUCKER_SAG_MM * SPAN**2
    return mouth.at(level - rest, s) * bell(np.clip(np.abs(s) - 1, 0, None) / 0.6)


def _swell(depth: Array) -> Array:
    """0 on the inner edge of a lip, 1 on its outer edge, fading out beyond."""
    return np.clip(depth, 0, None) * np.exp(1 - np.clip(depth, 0, None))


def _jaw(shape: FaceShape, points: Array) -> Array:
    """Share of the chin's drop: a hinge near the ears seen from the front, faded out down the neck."""
    x, y = points[..., 0] - shape.chin[0], points[..., 1]
    length = shape.chin[1] - shape.nose_base_y
    down = smoothstep((y - shape.nose_base_y) / length / 0.9)
    neck = 1 - smoothstep((y - shape.chin[1] - 2) / 30)
    return np.asarray(down * neck * bell(x / (0.8 * shape.half_width)))


def _width_and_corners(shape: FaceShape, points: Array, out: Array) -> None:
    """The corners move along the mouth, the lips compress between them and the cheeks stretch beyond.

    At rest, a photographed smile loses some of its width and of its curve; puckered lips meet on a level line.
    """
    s = shape.mouth.along(points[..., 0])
    below = points[..., 1] - shape.mouth.centre[1]
    fade = np.exp(-2.2 * np.clip(np.abs(s) - 1, 0, None) ** 2)
    out[Control.WIDTH, ..., 0] = s * fade * bell(below / 24)
    out[Control.CORNERS, ..., 0] = -PUCKER_SHARE * shape.mouth.width / 2 * out[Control.WIDTH, ..., 0]
    beside = bell((np.abs(s) - 1) / 0.6) * bell(below / 16)
    drop = shape.smile * beside
    out[Control.CORNERS, ..., 1] = _levelling(shape, s) * bell(below / 16)
    out[Control.JAW, ..., 1] += JAW_AT_CORNERS * beside
    out[Control.NEUTRAL, ..., 0] = -SMILE_NARROWING_MM * shape.smile * out[Control.WIDTH, ..., 0]
    out[Control.NEUTRAL, ..., 1] = SMILE_DROP_MM * drop
