"""A picture of which only a part changes from frame to frame."""

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_common.media import PixelFormat

Pixels = NDArray[np.uint8]


class StillPicture:
    """Holds a picture in both pixel formats, so that a frame costs only what changes in it. Immutable."""

    def __init__(self, picture: Pixels) -> None:
        """`picture` (height, width, 3) RGB uint8, both sides even."""
        self.rgb = picture
        self._yuv = _to_i420(picture)

    def frame(self, x: int, y: int, part: Pixels, pixel_format: PixelFormat) -> bytes:
        """A whole frame with `part` (h, w, 3) laid over the picture at `x`, `y`, all of them even."""
        height, width = part.shape[:2]
        if pixel_format is PixelFormat.RGB24:
            whole = self.rgb.copy()
            whole[y : y + height, x : x + width] = part
            return whole.tobytes()
        frame = self._yuv.copy()
        for plane, changed in zip(_planes(frame), _planes(_to_i420(part)), strict=True):
            step = self.rgb.shape[0] // plane.shape[0]
            top, left = y // step, x // step
            plane[top : top + changed.shape[0], left : left + changed.shape[1]] = changed
        return frame.tobytes()


def _to_i420(rgb: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420), np.uint8)


def _planes(i420: Pixels) -> tuple[Pixels, Pixels, Pixels]:
    """Views of Y, U and V."""
    width = i420.shape[1]
    height = i420.shape[0] * 2 // 3
    flat = i420.reshape(-1)
    luma, chroma = width * height, width * height // 4
    small = (height // 2, width // 2)
    return (
        flat[:luma].reshape(height, width),
        flat[luma : luma + chroma].reshape(small),
        flat[luma + chroma :].reshape(small),
    )
