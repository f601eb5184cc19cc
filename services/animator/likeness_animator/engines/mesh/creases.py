"""The creases that a photographed smile cuts into the cheeks, made shallow: a speaking face would wear them as a mask.

A crease is a narrow valley of brightness. Morphological closing fills narrow valleys and leaves everything else.
"""

import cv2
import numpy as np

from likeness_animator.engines.mesh.fields import smoothstep
from likeness_animator.engines.mesh.shape import Array, FaceShape
from likeness_animator.engines.mesh.warp import Floats, Pixels, pixel_places, region_around

SHALLOWER = 0.75
"""Share of a crease that the widest smile loses."""
CREASE_MM, GRAIN_MM = 9.0, 0.4
"""No crease is wider; pores and stubble are narrower than the other."""
DEEP = 0.1
"""Loss of light at which a crease starts to be deep."""
SIDE, JAW_NARROWS, ABOVE_NOSE_MM, ABOVE_CHIN_MM = 1.6, 0.7, 8.0, 6.0
"""Where creases are looked for: half the mouth's width times so much, which the jaw takes less of; up to above the base
of the nose; down to above the chin."""
FADE_MM = 8.0
MIDDLE = 0.4
"""Of half the mouth's width."""
LIP_MM, LIP_FADE_MM = 1.0, 3.0
NOSE_HALF_WIDTH_MM, NOSE_MM, NOSE_FADE_MM = 17.0, 5.0, 5.0
"""Half the width of the nose at its wings, and how far below its base it still shades."""


def softened(photo: Pixels, shape: FaceShape) -> Pixels:
    """The frame-sized RGB photo with the creases of its smile made shallow; closed mouths keep theirs."""
    if not shape.smile:
        return photo
    mouth = shape.mouth
    left, right = mouth.middle_x - SIDE * mouth.left_width, mouth.middle_x + SIDE * mouth.right_width
    top, bottom = shape.nose_base_y - ABOVE_NOSE_MM, float(shape.chin[1]) - ABOVE_CHIN_MM
    region = region_around(shape.frame.corners_px(left, top, right, bottom), 0.0, photo.shape[1], photo.shape[0])
    points = shape.frame.to_mm(pixel_places(region))
    x, y = points[..., 0], points[..., 1]
    down = np.clip((y - mouth.centre[1]) / (shape.chin[1] - mouth.centre[1]), 0, 1)
    beside = (SIDE - JAW_NARROWS * down - np.abs(mouth.along(x))) * min(mouth.left_width, mouth.right_width)
    inside = np.minimum.reduce([beside, y - top, bottom - y])
    where = smoothstep(inside / FADE_MM) * _cheeks(shape, x, y)
    share = (SHALLOWER * shape.smile * where)[..., None].astype(np.float32)
    lighter = _filled(photo[region.window], share, shape.frame.px_per_mm)
    result = photo.copy()
    result[region.window] = lighter.round().clip(0, 255).astype(np.uint8)
    return result


def _cheeks(shape: FaceShape, x: Array, y: Array) -> Array:
    """1 on the cheeks, 0 on the lips, in the mouth, on the nose, and above and below the middle of the mouth."""
    mouth = shape.mouth
    s = mouth.along(x)
    beside = np.clip(np.abs(s) - 1, 0, None) * mouth.width / 2
    above = mouth.at(mouth.upper - shape.upper_lip, s) - y
    below = y - mouth.at(mouth.lower + shape.lower_lip, s)
    lips = smoothstep((np.maximum(np.maximum(above, below), beside) - LIP_MM) / LIP_FADE_MM)
    from_nose = np.maximum(np.abs(x - shape.nose_tip[0]) - NOSE_HALF_WIDTH_MM, y - shape.nose_base_y - NOSE_MM)
    return np.asarray(lips * smoothstep((np.abs(s) - MIDDLE) / MIDDLE) * smoothstep(from_nose / NOSE_FADE_MM + 0.5))


def _filled(piece: Pixels, share: Floats, px_per_mm: float) -> Floats:
    """The picture with its creases filled by `share` (height, width, 1), colour by colour."""
    picture = piece.astype(np.float32)
    smooth = cv2.GaussianBlur(picture, (0, 0), max(0.5, GRAIN_MM * px_per_mm))
    size = 2 * max(1, round(CREASE_MM * px_per_mm / 2)) + 1
    closed = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    closed = cv2.GaussianBlur(closed, (0, 0), max(0.5, 2 * GRAIN_MM * px_per_mm))
    depth = np.clip(closed - smooth, 0, None)
    # The line at the bottom of a deep crease is too thin to be part of it, and would stay as if drawn with a pen.
    deep = smoothstep((depth.mean(axis=-1, keepdims=True) / (closed.mean(axis=-1, keepdims=True) + 1) - DEEP) / DEEP)
    return np.asarray(smooth + share * depth + (picture - smooth) * (1 - share * deep), np.float32)
