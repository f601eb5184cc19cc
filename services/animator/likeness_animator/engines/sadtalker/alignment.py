"""A face moved to where the 3-D reconstruction expects it (as Deep3DFaceReconstruction does)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Points = NDArray[np.float64]

SIDE = 224
SCALE = 102.0
"""Of the face in the aligned picture, in its own units."""
STANDARD = np.array(
    [
        [-0.31148657, 0.29036078, 0.13377953],
        [0.30979887, 0.28972036, 0.13179526],
        [0.0032535, -0.04617932, 0.55244243],
        [-0.25216928, -0.38133916, 0.22405732],
        [0.2484662, -0.38128236, 0.22235769],
    ]
)
"""Where an average face has its left and right eye, nose tip, and left and right corner of the mouth (x, y up, z)."""
_EYES = ((36, 39), (42, 45))
_NOSE, _MOUTH = 30, (48, 54)


@dataclass(frozen=True, slots=True)
class Alignment:
    """An aligned picture, and how it came about."""

    picture: NDArray[np.uint8]
    """(224, 224, 3) RGB."""
    scale: float
    centre: tuple[float, float]
    """Of the face in the original, in pixels from its left and lower border."""


def align(picture: NDArray[np.uint8], landmarks: Points) -> Alignment:
    """Align RGB (H, W, 3) by 68 landmarks (x, y), in pixels."""
    height, width = picture.shape[:2]
    upwards = np.stack([landmarks[:, 0], height - 1 - landmarks[:, 1]], axis=1)
    x, y, size = _fit(five_points(upwards))
    scale = SCALE / size
    wide, high = int(width * scale), int(height * scale)
    left = int(wide / 2 - SIDE / 2 + (x - width / 2) * scale)
    top = int(high / 2 - SIDE / 2 + (height / 2 - y) * scale)
    resized = Image.fromarray(picture).resize((wide, high), Image.Resampling.BICUBIC)
    cut = resized.crop((left, top, left + SIDE, top + SIDE))
    return Alignment(np.asarray(cut), scale, (x, y))


def five_points(landmarks: Points) -> Points:
    """Eyes, nose tip and corners of the mouth (5, 2) of 68 landmarks."""
    eyes = [landmarks[list(corners)].mean(axis=0) for corners in _EYES]
    return np.stack([*eyes, landmarks[_NOSE], *landmarks[list(_MOUTH)]])


def _fit(points: Points) -> tuple[float, float, float]:
    """Centre and size of a face under weak perspective, by least squares."""
    system = np.hstack([STANDARD, np.ones((len(STANDARD), 1))])
    solution = np.linalg.lstsq(system, points, rcond=None)[0]
    size = np.linalg.norm(solution[:3], axis=0).mean()
    return float(solution[3, 0]), float(solution[3, 1]), float(size)
