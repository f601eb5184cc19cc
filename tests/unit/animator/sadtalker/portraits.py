"""A real photo with stored landmarks, moved about without running any model."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_animator.portrait.landmarks import Roi
from likeness_animator.portrait.matte import SIDE, Matte
from likeness_common.media import Box, Portrait

LANDMARKS = Path(__file__).parents[1] / "mesh" / "data" / "astronaut_landmarks.npz"
FACE = (224.0, 123.0)
"""Its centre in the photo, which is 512 pixels a side; the face is 94 wide."""


def portrait_of(
    image: NDArray[np.uint8], landmarks: NDArray[np.float32], matte: Matte | None = None
) -> AnalysedPortrait:
    low, high = landmarks[:, :2].min(axis=0).astype(int), landmarks[:, :2].max(axis=0).astype(int)
    face = Box(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
    return AnalysedPortrait(Portrait("a" * 64, image.shape[1], image.shape[0], face), image, landmarks, matte)


def astronaut() -> AnalysedPortrait:
    return portrait_of(np.asarray(data.astronaut()), np.load(LANDMARKS)["landmarks"])


def moved(portrait: AnalysedPortrait, matrix: NDArray[np.float64], width: int, height: int) -> AnalysedPortrait:
    """The portrait under an affine map (2, 3), its edges repeated."""
    flags = cv2.INTER_CUBIC
    image = cv2.warpAffine(portrait.image, matrix, (width, height), None, flags, cv2.BORDER_REPLICATE)
    scale = np.sqrt(np.linalg.det(matrix[:, :2]))
    flat = portrait.landmarks[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    landmarks = np.column_stack([flat, portrait.landmarks[:, 2] * scale]).astype(np.float32)
    return portrait_of(np.asarray(image, np.uint8), landmarks)


def shifted(portrait: AnalysedPortrait, x: float, y: float) -> AnalysedPortrait:
    """The face moved within a picture of the same size."""
    height, width = portrait.image.shape[:2]
    return moved(portrait, np.array([[1.0, 0, x], [0, 1.0, y]]), width, height)


def scaled(portrait: AnalysedPortrait, factor: float) -> AnalysedPortrait:
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    image = np.asarray(cv2.resize(portrait.image, None, fx=factor, fy=factor, interpolation=way), np.uint8)
    landmarks = portrait.landmarks * factor
    landmarks[:, :2] += (factor - 1) / 2
    return portrait_of(image, landmarks.astype(np.float32))


def round_head(portrait: AnalysedPortrait) -> Matte:
    """A matte as wide as the head of the astronaut."""
    alpha = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(alpha, (SIDE // 2, SIDE // 2), SIDE // 4, 255, -1)
    centre = portrait.landmarks[:468, :2].mean(axis=0) - np.array([0, 20], np.float32)
    return Matte(alpha, Roi(np.asarray(centre, np.float32), 280.0, 0.0))
