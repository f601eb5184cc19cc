"""Which part of the picture a film shows, and at which size."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import MAX_FRAME_PIXELS, Framing, VideoFormat

MIN_SIDE, MAX_SIDE = 64, 1920
HEIGHT_IN_FACES = 2.5
WIDTH_IN_FACES = 2.2
FACE_CENTRE_FROM_TOP = 0.44
"""Head and shoulders: the face takes 40 % of the height, its centre a little above the middle."""

SHARPEN_FROM_SCALE = 1.4


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle in portrait pixels that fills the frame."""

    x: int
    y: int
    width: int
    height: int


def effective_video(portrait: AnalysedPortrait, video: VideoFormat, framing: Framing) -> VideoFormat:
    """The format that frames will have. Raises InvalidArgument for sizes that cannot be drawn."""
    _check_size(video)
    if framing is Framing.AUTO:
        return video
    height, width = portrait.image.shape[:2]
    scale = max(min(video.width / width, video.height / height), MIN_SIDE / min(width, height))
    fitted = replace(video, width=max(MIN_SIDE, _even(width * scale)), height=max(MIN_SIDE, _even(height * scale)))
    _check_size(fitted)
    return fitted


def _even(side: float) -> int:
    return 2 * round(side / 2)


def _check_size(video: VideoFormat) -> None:
    for name, side in (("width", video.width), ("height", video.height)):
        if side % 2 or not MIN_SIDE <= side <= MAX_SIDE:
            raise InvalidArgument(
                Reason.FIELD_OUT_OF_RANGE,
                f"video.{name} is {side}: choose an even number from {MIN_SIDE} to {MAX_SIDE}",
                field=f"video.{name}",
            )
    if video.width * video.height > MAX_FRAME_PIXELS:
        raise InvalidArgument(
            Reason.FIELD_OUT_OF_RANGE,
            f"video is {video.width}x{video.height}: a frame may have at most {MAX_FRAME_PIXELS} pixels",
            field="video.width",
        )


def crop_for(portrait: AnalysedPortrait, video: VideoFormat, framing: Framing) -> Crop:
    """The part of the portrait to show in a frame of `video`'s size; always inside the picture."""
    picture_height, picture_width = portrait.image.shape[:2]
    if framing is Framing.FULL:
        return Crop(0, 0, picture_width, picture_height)
    face = portrait.landmarks[:468, :2]
    low, high = face.min(axis=0), face.max(axis=0)
    face_width, face_height = (high - low).tolist()
    aspect = video.width / video.height
    height = max(HEIGHT_IN_FACES * face_height, WIDTH_IN_FACES * face_width / aspect)
    height = min(height, picture_height, picture_width / aspect)
    # Rounding the sides distorts by less than half a portrait pixel.
    width, height = max(1, int(height * aspect)), max(1, int(height))
    centre_x, centre_y = ((low + high) / 2).tolist()
    x = min(max(round(centre_x - width / 2), 0), picture_width - width)
    y = min(max(round(centre_y - height * FACE_CENTRE_FROM_TOP), 0), picture_height - height)
    return Crop(x, y, width, height)


def to_frame(points: NDArray[np.float32], crop: Crop, video: VideoFormat) -> NDArray[np.float64]:
    """Portrait pixels (n, 2) to frame pixels (n, 2); pixel centres are whole numbers in both."""
    scale = np.array([video.width / crop.width, video.height / crop.height])
    return np.asarray((points.astype(np.float64) + 0.5 - np.array([crop.x, crop.y])) * scale - 0.5)


def matrix(crop: Crop, video: VideoFormat) -> NDArray[np.float64]:
    """The affine map of `to_frame`, (2, 3)."""
    across, down = video.width / crop.width, video.height / crop.height
    return np.array([[across, 0, (0.5 - crop.x) * across - 0.5], [0, down, (0.5 - crop.y) * down - 0.5]])


def photograph(portrait: AnalysedPortrait, crop: Crop, video: VideoFormat) -> NDArray[np.uint8]:
    """The cropped portrait at frame size, (height, width, 3) uint8: area-averaged down, Lanczos up."""
    scale = video.width / crop.width
    piece = portrait.image[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width]
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LANCZOS4
    frame = cv2.resize(piece, (video.width, video.height), interpolation=flags)
    if scale > SHARPEN_FROM_SCALE:
        soft = cv2.GaussianBlur(frame, (0, 0), 0.8 * scale)
        frame = cv2.addWeighted(frame, 1.4, soft, -0.4, 0)
    return np.asarray(frame, np.uint8)
