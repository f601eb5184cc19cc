"""Small video files."""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def write(path: Path, pictures: Iterable[Pixels], fps: float = 25) -> Path:
    """Pictures (H, W, 3) RGB without loss."""
    writer = None
    for picture in pictures:
        if writer is None:
            size = picture.shape[1], picture.shape[0]
            writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"FFV1"), fps, size)
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    assert writer is not None
    writer.release()
    return path


def shades(count: int) -> list[Pixels]:
    """Pictures that tell their index, by `shade`."""
    return [np.full((32, 48, 3), 4 * index, np.uint8) for index in range(count)]


def shade(picture: Pixels) -> int:
    return round(float(picture.mean()) / 4)
