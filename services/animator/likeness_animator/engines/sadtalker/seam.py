"""What makes a drawn square and the photo around it one picture: where each of them shows, and in which tone.

Both are constants of the portrait. What is fitted to every drawing anew, as gradient-domain cloning is, changes when
hair or a shoulder passes the border, and the face pulses with it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.sadtalker.source import Source
from likeness_animator.portrait.analysed import AnalysedPortrait

FEATHER = 0.12
"""Width of the border over which the drawing gives way to the photo, as a share of the square's side."""
RIM = 0.02
"""Its width where the head comes close: two heads would show through each other in a wide one."""
HEAD_MARGIN = 0.06
"""How far around the head the drawing shows alone, in sides: there the head moves."""
TONE_SIGMA = 0.12
"""Of the blur that separates tint from detail, in sides."""
MAX_TONE = 16.0
"""Levels. A larger difference is no tint."""
_MOUTH = 13

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


def share_of_drawing(portrait: AnalysedPortrait, source: Source) -> Floats:
    """How much of the drawing shows, (size, size), 0 to 1.

    Nothing at its border, except at borders of the photo, and all of it around the head.
    """
    size, place = source.size, source.placement
    height, width = portrait.image.shape[:2]
    steps = np.arange(size, dtype=np.float32)
    open_sides = place.x > 0, place.y > 0, place.x + place.width < width, place.y + place.height < height
    left, top, right, bottom = (
        ramp if is_open else np.full(size, size, np.float32)
        for ramp, is_open in zip((steps, steps, steps[::-1], steps[::-1]), open_sides, strict=True)
    )
    # Products of ramps, unlike the nearest side, leave no creases towards the corners.
    inside = np.outer(_ramp(np.minimum(top, bottom), FEATHER), _ramp(np.minimum(left, right), FEATHER))
    from_border = np.minimum(np.minimum(top, bottom)[:, np.newaxis], np.minimum(left, right))
    from_head = np.maximum(_distance_to_head(portrait, source) - HEAD_MARGIN * size, 0)
    near_head = _smooth(from_border / (from_border + from_head + 1e-6))
    return np.asarray(np.maximum(inside, near_head * _ramp(from_border, RIM)), np.float32)


def tone(photo: Pixels, rest: Pixels) -> Floats:
    """What to add to drawings, (size, size, 3) levels, for the tint of `photo`; `rest` is that photo as it is drawn."""
    difference = np.clip(photo.astype(np.float32) - rest, -MAX_TONE, MAX_TONE)
    return np.asarray(cv2.GaussianBlur(difference, (0, 0), TONE_SIGMA * len(photo)), np.float32)


def _distance_to_head(portrait: AnalysedPortrait, source: Source) -> Floats:
    """Pixels from the person above the mouth, where no shoulder is, (size, size).

    Endless where the person was not told from the background.
    """
    size = source.size
    if portrait.matte is None:
        return np.full((size, size), np.inf, np.float32)
    own = source.to_portrait
    scale = 1 / np.diag(own[:, :2])
    to_square = np.column_stack([np.diag(scale), -own[:, 2] * scale])
    beside = (portrait.matte.to(to_square, size, size) < 0.5).astype(np.uint8)
    mouth = float(to_square[1] @ [*portrait.landmarks[_MOUTH, :2], 1])
    beside[max(0, round(mouth)) :] = 1
    return np.asarray(cv2.distanceTransform(beside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)


def _ramp(distance: Floats, width: float) -> Floats:
    """0 at the border to 1 at `width` sides from it."""
    return _smooth(distance / np.float32(width * distance.shape[0]))


def _smooth(x: Floats) -> Floats:
    x = np.clip(x, 0, 1)
    return np.asarray(x * x * (3 - 2 * x), np.float32)
