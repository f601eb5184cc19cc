"""Where in a photo the face is cut out, by the rule of the FFHQ dataset (Karras et al., 2019)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

_LEFT_EYE, _RIGHT_EYE, _MOUTH = slice(36, 42), slice(42, 48), (48, 54)
_TARGET = 512
"""A face that is more than twice as large is made smaller first."""


@dataclass(frozen=True, slots=True)
class Crop:
    """`size` of the photo after shrinking (width, height), the `box` in it, and the `quad` within the box.

    Boxes are left, top, right and bottom in pixels.
    """

    size: tuple[int, int]
    box: tuple[int, int, int, int]
    quad: tuple[float, float, float, float]


def crop_for(size: tuple[int, int], landmarks: Points) -> Crop:
    """The cut for a photo of `size` (width, height) with 68 `landmarks` (x, y)."""
    corners, side = _square(landmarks)
    shrink = int(np.floor(side / _TARGET / 2))
    if shrink > 1:
        size = round(size[0] / shrink), round(size[1] / shrink)
        corners, side = corners / shrink, side / shrink
    border = max(round(side * 0.1), 3)
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    width, height = size
    left, top = (max(int(value) - border, 0) for value in low)
    right, bottom = min(int(high[0]) + border, width), min(int(high[1]) + border, height)
    inner = corners + 0.5 - [left, top]
    # The networks' own preparation limits y by the width as well; so do we, or crops of wide photos would differ.
    limit = right - left
    x0, y0 = np.maximum(inner.min(axis=0), 0).tolist()
    x1, y1 = np.minimum(inner.max(axis=0), limit).tolist()
    return Crop(size, (left, top, right, bottom), (x0, y0, x1, y1))


def _square(landmarks: Points) -> tuple[Points, float]:
    """The corners (4, 2) of a square around the face, turned as the face is, and the length of its sides."""
    left, right = landmarks[_LEFT_EYE].mean(axis=0), landmarks[_RIGHT_EYE].mean(axis=0)
    eyes, across = (left + right) / 2, right - left
    down = landmarks[list(_MOUTH)].mean(axis=0) - eyes
    x = across - np.flip(down) * [-1, 1]
    x /= np.hypot(*x)
    x *= max(np.hypot(*across) * 2.0, np.hypot(*down) * 1.8)
    y = np.flip(x) * [-1, 1]
    centre = eyes + down * 0.1
    return np.stack([centre - x - y, centre - x + y, centre + x + y, centre + x - y]), float(np.hypot(*x) * 2)
