"""The drawn square in the film: laid into the photo that it was cut from, without a seam."""

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator import framing
from likeness_animator.engines.sadtalker.source import Source
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_animator.still import StillPicture
from likeness_common.media import Box, Framing, PixelFormat, VideoFormat

FEATHER = 0.12
"""Width of the border over which the drawing gives way to the photo, as a share of the square's side."""

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


class Canvas:
    """The still part of a film, into which drawn squares are laid. Immutable: sessions share it."""

    def __init__(self, portrait: AnalysedPortrait, source: Source, video: VideoFormat, mode: Framing) -> None:
        """Raises InvalidArgument for sizes that cannot be drawn."""
        self.video = framing.effective_video(portrait, video, mode)
        """The format that frames have."""
        crop = framing.crop_for(portrait, self.video, mode)
        self._still = StillPicture(framing.photograph(portrait, crop, self.video))
        matrix = framing.matrix(crop, self.video)
        own = _to_portrait(source)
        to_frame = np.column_stack([matrix[:, :2] @ own[:, :2], matrix[:, :2] @ own[:, 2] + matrix[:, 2]])
        self._x, self._y, width, height = _region(to_frame, len(source.photo), self.video)
        to_frame[:, 2] -= [self._x, self._y]
        self._size, self._to_region = (width, height), to_frame
        open_sides = _open_sides(source.placement, portrait.image.shape[1], portrait.image.shape[0])
        self._share = self._placed(_feather(len(source.photo), open_sides))[..., np.newaxis]
        self._below = self._still.rgb[self._y : self._y + height, self._x : self._x + width].astype(np.float32)

    def frame(self, picture: Pixels, pixel_format: PixelFormat) -> bytes:
        """A whole frame with the drawn `picture` (size, size, 3) in it."""
        drawn = self._placed(picture.astype(np.float32))
        part = self._below + self._share * (drawn - self._below)
        return self._still.frame(self._x, self._y, np.rint(np.clip(part, 0, 255)).astype(np.uint8), pixel_format)

    def _placed(self, square: Floats) -> Floats:
        """The square (size, size, ...) where it lies in the frame's changing region."""
        return np.asarray(
            cv2.warpAffine(square, self._to_region, self._size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        )


def _to_portrait(source: Source) -> NDArray[np.float64]:
    """The affine map (2, 3) from pixels of the drawn square to pixels of the portrait."""
    place, size = source.placement, len(source.photo)
    across, down = place.width / size, place.height / size
    return np.array([[across, 0, (across - 1) / 2 + place.x], [0, down, (down - 1) / 2 + place.y]])


def _region(to_frame: NDArray[np.float64], size: int, video: VideoFormat) -> tuple[int, int, int, int]:
    """The frame's part that the square covers: x, y, width and height, all even."""
    corners = to_frame[:, :2] @ np.array([[-0.5, size - 0.5]] * 2) + to_frame[:, 2:] + 0.5
    limit = [video.width, video.height]
    low = np.clip(2 * np.floor(corners[:, 0] / 2), 0, limit).astype(int)
    high = np.clip(2 * np.ceil(corners[:, 1] / 2), 0, limit).astype(int)
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def _open_sides(place: Box, width: int, height: int) -> tuple[bool, bool, bool, bool]:
    """Whether the portrait goes on to the left, above, to the right and below."""
    return place.x > 0, place.y > 0, place.x + place.width < width, place.y + place.height < height


def _feather(size: int, open_sides: tuple[bool, bool, bool, bool]) -> Floats:
    """How much of the drawing shows, (size, size): 0 at open sides, 1 from FEATHER inwards."""
    ramp = np.clip(np.arange(size) / (FEATHER * size), 0, 1).astype(np.float32)
    ramp = ramp * ramp * (3 - 2 * ramp)
    full = np.ones(size, np.float32)
    left, top, right, bottom = open_sides
    across = (ramp if left else full) * (ramp[::-1] if right else full)
    down = (ramp if top else full) * (ramp[::-1] if bottom else full)
    return np.outer(down, across)
