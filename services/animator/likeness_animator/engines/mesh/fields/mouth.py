"""How lips, jaw, cheeks and chin move when the mouth does."""

import numpy as np

from likeness_animator.engines.mesh.fields.controls import Control
from likeness_animator.engines.mesh.fields.curves import bell, smoothstep
from likeness_animator.engines.mesh.shape import CONTOUR_NODES, SPAN, Array, FaceShape

PUCKER_SHARE = 0.39
"""Of half the mouth's width: a photographed smile has further to go."""
REST_PRESS_OF_LIP = 0.18
"""Lips that close from a smile stretch; a little pressing gives them their thickness back."""
UPPER_SHARE_OF_CLOSING = 0.42
SMILE_DROP_MM = 4.2
SMILE_NARROWING_MM = 3.5
PUCKER_SAG_MM = 1.0
JAW_AT_CORNERS = 0.4
"""Share of the chin's drop by which the corners follow it: an open mouth is arched above."""
ROUND_SHARE = 0.62
"""Of the mouth's width, the part that a rounded opening spans."""
SIDE_PRESS_MM = 1.2


def seam_y(shape: FaceShape) -> float:
    """Where closed lips meet at the middle of the mouth, in face mm."""
    upper, lower = shape.mouth.upper[CONTOUR_NODES // 2], shape.mouth.lower[CONTOUR_NODES // 2]
    return float(upper + UPPER_SHARE_OF_CLOSING * (lower - upper))


def add_lip(shape: FaceShape, points: Array, out: Array, *, upper: bool) -> None:
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
