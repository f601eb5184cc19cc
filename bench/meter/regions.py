"""Parts of a picture, drawn from the landmarks of the face in it."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Places = NDArray[np.floating]

LIPS = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185]
BROWS_AND_EYES = (
    [70, 63, 105, 66, 107, 55, 65, 52, 53, 46, 33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160],
    [300, 293, 334, 296, 336, 285, 295, 282, 283, 276, 263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385],
)
FOREHEAD_AND_TEMPLES = [10, 338, 297, 332, 284, 251, 389, 356, 454, 234, 127, 162, 21, 54, 103, 67, 109]
NOSE_AND_CHEEKS = [234, 454, 137, 366, 50, 280, 98, 327, 2]
"""Down to the base of the nose and the height of the cheeks; what lies below moves with mouth and jaw."""

STEADY = np.array(
    sorted(
        {*FOREHEAD_AND_TEMPLES, 4, 5, 6, 8, 9, 151, 168, 195, 197, 122, 351, 193, 417, 129, 358, 49, 279, 98, 327, 2}
        | {69, 299, 104, 333, 108, 337, 116, 345, 117, 346, 118, 347, 119, 348, 123, 352, 50, 280, 101, 330, 36, 266}
        | {45, 275, 51, 281, 3, 248, 236, 456, 198, 420, 209, 429, 131, 360, 115, 344, 220, 440, 48, 278, 114, 343}
        | {188, 412, 174, 399, 217, 437, 126, 355, 142, 371, 100, 329, 68, 298, 71, 301, 139, 368, 34, 264, 227, 447}
        | {137, 366, 177, 401, 147, 376, 187, 411, 205, 425, 203, 423, 111, 340, 143, 372, 156, 383, 35, 265}
    )
)
"""Mesh points that speech and blinks hardly move."""

TRACE, CLOSE = 0.05, 0.06
"""Share of the person that makes a pixel theirs, and face widths around it that hair and its shadow may take."""

FAR = 1.15
"""Face widths from the face's centre at which the background begins, above the chin."""


def view(places: Places, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of a box that holds head and hair, as far as the picture goes."""
    low, high = places[:468].min(axis=0), places[:468].max(axis=0)
    (x0, y0), (x1, y1) = (((low + high) / 2 + side * 0.9 * (high - low)).tolist() for side in (-1, 1))
    return slice(max(0, round(y0)), min(shape[0], round(y1))), slice(max(0, round(x0)), min(shape[1], round(x1)))


def background(places: Places, shape: tuple[int, ...]) -> Mask:
    """What lies behind the head and away from it, above the chin."""
    low, high = places[:468].min(axis=0), places[:468].max(axis=0)
    (x, y), (width, height) = (low + high) / 2, high - low
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    outside = np.hypot((columns - x) / width, (rows - y) / (1.25 * height)) > FAR
    return np.asarray(outside & (rows < high[1] - 0.1 * height))


def beside(places: Places, people: Sequence[NDArray[np.float32]]) -> Mask:
    """The background next to the head, above the chin: free of the person in all of `people`, shares of one size."""
    low, high = places[:468].min(axis=0), places[:468].max(axis=0)
    margin = max(1, round(CLOSE * (high[0] - low[0])))
    seen = np.max(people, axis=0) > TRACE
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin + 1, 2 * margin + 1))
    near = cv2.dilate(seen.astype(np.uint8), kernel) > 0
    above = np.arange(len(seen))[:, np.newaxis] < high[1] - 0.1 * (high[1] - low[1])
    return np.asarray(~near & ~background(places, seen.shape) & above)


def skin(places: Places, shape: tuple[int, ...]) -> Mask:
    """Forehead, temples, nose and upper cheeks: the face without eyes, brows, mouth and jaw."""
    upper = _hull(places, FOREHEAD_AND_TEMPLES, shape) | _hull(places, NOSE_AND_CHEEKS, shape)
    margin = max(1, round(0.02 * float(np.ptp(places[:468, 0]))))
    kernel = np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)
    moving = _hull(places, BROWS_AND_EYES[0], shape) | _hull(places, BROWS_AND_EYES[1], shape)
    moving |= _hull(places, LIPS, shape)
    inner = cv2.erode(upper.astype(np.uint8), kernel) > 0
    return np.asarray(inner & ~(cv2.dilate(moving.astype(np.uint8), kernel) > 0))


def head(places: Places, shape: tuple[int, ...]) -> Mask:
    """Face, hair and what borders on them above the chin, without mouth and eyes, which may turn dark by themselves."""
    low, high = places[:468].min(axis=0), places[:468].max(axis=0)
    (x, y), (width, height) = (low + high) / 2, high - low
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    around = np.hypot((columns - x) / width, (rows - y) / (1.15 * height)) < 0.75
    around &= rows < high[1]
    margin = max(1, round(0.06 * width))
    kernel = np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)
    moving = _hull(places, LIPS, shape) | _hull(places, BROWS_AND_EYES[0], shape)
    moving |= _hull(places, BROWS_AND_EYES[1], shape)
    return np.asarray(around & ~(cv2.dilate(moving.astype(np.uint8), kernel) > 0))


def _hull(places: Places, points: list[int], shape: tuple[int, ...]) -> Mask:
    drawn = np.zeros(shape, np.uint8)
    outline = cv2.convexHull(np.ascontiguousarray(places[points], np.float32))
    cv2.fillConvexPoly(drawn, np.rint(outline).astype(np.int32), 1)
    return drawn > 0
