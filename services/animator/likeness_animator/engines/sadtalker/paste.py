"""The drawn square in the film: laid into the photo that it was cut from, without a seam."""

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator import framing
from likeness_animator.engines.sadtalker.seam import share_of_drawing, tone
from likeness_animator.engines.sadtalker.source import Source
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_animator.still import StillPicture
from likeness_common.media import Framing, PixelFormat, VideoFormat

SHARPEN = 0.4
"""Of a drawing that is enlarged as much as photos that `framing` sharpens, by the same share."""
SHARPEN_SIGMA = 0.8

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Matrix = NDArray[np.float64]


class Canvas:
    """The still part of a film, into which drawn squares are laid. Immutable: sessions share it.

    Frames show what those of other engines show: head and shoulders, or the whole picture (`framing`). Only the place
    of the square changes from frame to frame, and its border is the photo's.
    """

    def __init__(
        self, portrait: AnalysedPortrait, source: Source, video: VideoFormat, mode: Framing, rest: Pixels | None = None
    ) -> None:
        """Drawings get the photo's tint where `rest` (size, size, 3), the portrait drawn unmoved, shows another one.

        Raises InvalidArgument for sizes that cannot be drawn.
        """
        self.video = framing.effective_video(portrait, video, mode)
        """The format that frames have."""
        crop = framing.crop_for(portrait, self.video, mode)
        self._still = StillPicture(framing.photograph(portrait, crop, self.video))
        self._place = _Place(_compose(framing.matrix(crop, self.video), source.to_portrait), source.size, self.video)
        self._share = self._place(share_of_drawing(portrait, source))[..., np.newaxis]
        self._tone = None if rest is None else tone(source.photo, rest)
        self._below = self._still.rgb[self._place.window].astype(np.float32)

    def frame(self, picture: Pixels, pixel_format: PixelFormat) -> bytes:
        """A whole frame with the drawn `picture` (size, size, 3) in it."""
        drawn = picture.astype(np.float32)
        if self._tone is not None:
            drawn += self._tone
        if self._place.scale > framing.SHARPEN_FROM_SCALE:
            drawn += SHARPEN * (drawn - cv2.GaussianBlur(drawn, (0, 0), SHARPEN_SIGMA))
        part = self._below + self._share * (self._place(drawn) - self._below)
        pixels = np.rint(np.clip(part, 0, 255)).astype(np.uint8)
        return self._still.frame(self._place.x, self._place.y, pixels, pixel_format)


class _Place:
    """The rectangle of the frame that the square covers, with even sides and corner, and the way into it."""

    def __init__(self, to_frame: Matrix, size: int, video: VideoFormat) -> None:
        scale, limit = np.diag(to_frame[:, :2]), [video.width, video.height]
        edges = np.stack([to_frame[:, 2] - scale / 2, to_frame[:, 2] + scale * (size - 0.5)]) + 0.5
        x0, y0 = np.clip(2 * np.floor(edges[0] / 2), 0, limit).astype(int).tolist()
        x1, y1 = np.clip(2 * np.ceil(edges[1] / 2), 0, limit).astype(int).tolist()
        self.x, self.y, self._extent = x0, y0, (x1 - x0, y1 - y0)
        self.window = slice(y0, y1), slice(x0, x1)
        self.scale = float(scale.max())
        # Averaged first where it is made smaller, for warpAffine would skip pixels.
        shrunk = np.clip(np.rint(size * scale), 1, size).astype(int)
        self._shrunk, grow = tuple(shrunk.tolist()), size / shrunk
        larger = np.column_stack([np.diag(grow), (grow - 1) / 2])
        self._to_region = _compose(np.array([[1.0, 0, -x0], [0, 1.0, -y0]]), _compose(to_frame, larger))

    def __call__(self, square: Floats) -> Floats:
        """What of a square (size, size, ...) lies in the rectangle, (height, width, ...)."""
        if self._shrunk != square.shape[:2]:
            square = np.asarray(cv2.resize(square, self._shrunk, interpolation=cv2.INTER_AREA), np.float32)
        flags, border = cv2.INTER_CUBIC, cv2.BORDER_REPLICATE
        return np.asarray(cv2.warpAffine(square, self._to_region, self._extent, None, flags, border), np.float32)


def _compose(second: Matrix, first: Matrix) -> Matrix:
    """The affine map (2, 3) that applies `first` and then `second`."""
    return np.column_stack([second[:, :2] @ first[:, :2], second[:, :2] @ first[:, 2] + second[:, 2]])
