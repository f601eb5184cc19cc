"""The outline of the person in a frame, as fine as the photo shows it.

The matte is coarse. Where the colours of hair and background differ, a guided filter lets its edge follow the photo:
He, Sun and Tang, "Guided Image Filtering", 2013, with its coefficients found in a small picture as in He and Sun, "Fast
Guided Filter", 2015.
"""

import cv2
import numpy as np

from likeness_animator.engines.mesh.warp import Floats, Pixels

SMALL_SIDE = 320
"""Of the picture that the coefficients are found in; the matte has no more detail."""

REACH_MM = 5.0
"""How far off the matte's edge may be: half the side of the windows in which the share is linear in the colours."""

SMOOTHNESS = 4e-4
"""Variance of colours, from 0 to 1, below which a window is flat."""

BACKGROUND_BELOW, PERSON_ABOVE = 0.2, 0.7
"""Shares taken as none and all: the filter leaves traces of the texture on both sides."""


def refined(photo: Pixels, matte: Floats, px_per_mm: float) -> Floats:
    """The person's share of every pixel of `photo` (height, width, 3), 0 to 1, from a coarse `matte` of its size."""
    height, width = matte.shape
    scale = min(1.0, SMALL_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    reach = max(1, round(REACH_MM * px_per_mm * scale))
    coefficients = _coefficients(_shrunk(photo, size) / np.float32(255), _shrunk(matte, size), reach)
    slope, offset = (cv2.resize(plane, (width, height)) for plane in coefficients)
    share = (slope * (photo / np.float32(255))).sum(axis=-1) + offset
    return np.asarray(np.clip((share - BACKGROUND_BELOW) / (PERSON_ABOVE - BACKGROUND_BELOW), 0, 1), np.float32)


def _shrunk(picture: Pixels | Floats, size: tuple[int, int]) -> Floats:
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _coefficients(colours: Floats, share: Floats, reach: int) -> tuple[Floats, Floats]:
    """Slope (height, width, 3) and offset (height, width) that give the share as a linear function of the colours."""

    def mean(plane: Floats) -> Floats:
        side = (2 * reach + 1, 2 * reach + 1)
        return np.asarray(cv2.boxFilter(plane, cv2.CV_32F, side, borderType=cv2.BORDER_REFLECT_101), np.float32)

    colour, covered = mean(colours), mean(share)
    together = mean(colours * share[..., None]) - colour * covered[..., None]
    products = (colours[..., :, None] * colours[..., None, :]).reshape(*share.shape, 9)
    spread = np.dstack([mean(products[..., index]) for index in range(9)]).reshape(*share.shape, 3, 3)
    spread = spread - colour[..., :, None] * colour[..., None, :] + SMOOTHNESS * np.eye(3, dtype=np.float32)
    slope: Floats = np.zeros_like(colours)
    edge = (covered > 0.001) & (covered < 0.999)
    slope[edge] = np.linalg.solve(spread[edge], together[edge][..., None])[..., 0]
    return mean(slope), mean(covered - (slope * colour).sum(axis=-1))
