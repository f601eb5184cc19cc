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
    """A rectangle in portrait pixels (not necessarily whole ones) that fills the frame."""

    x: float
    y: float
    width: float
    height: float


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
        return Crop(0.0, 0.0, float(picture_width), float(picture_height))
    face = portrait.landmarks[:468, :2]
    low, high = face.min(axis=0), face.max(axis=0)
    face_width, face_height = (high - low).tolist()
    aspect = video.width / video.height
    height = max(HEIGHT_IN_FACES * face_height, WIDTH_IN_FACES * face_width / aspect)
    height = min(height, picture_height, picture_width / aspect)
    width = height * aspect
    centre_x, centre_y = ((low + high) / 2).tolist()
    x = min(max(centre_x - width / 2, 0.0), picture_width - width)
    y = min(max(centre_y - height * FACE_CENTRE_FROM_TOP, 0.0), picture_height - height)
    return Crop(x, y, width, height)


def to_frame(points: NDArray[np.float32], crop: Crop, video: VideoFormat) -> NDArray[np.float64]:
    """Portrait pixels (n, 2) to frame pixels (n, 2); pixel centres are whole numbers in both."""
    scale = np.array([video.width / crop.width, video.height / crop.height])
    return np.asarray((points.astype(np.float64) + 0.5 - np.array([crop.x, crop.y])) * scale - 0.5)


def photograph(portrait: AnalysedPortrait, crop: Crop, video: VideoFormat) -> NDArray[np.uint8]:
    """The cropped portrait at frame size, (height, width, 3) uint8: area-averaged down, Lanczos up."""
    scale = video.width / crop.width
    x0, y0 = int(crop.x), int(crop.y)
    picture_height, picture_width = portrait.image.shape[:2]
    x1, y1 = min(picture_width, int(crop.x + crop.width) + 1), min(picture_height, int(crop.y + crop.height) + 1)
    piece = portrait.image[y0:y1, x0:x1]
    if scale < 1:
        # Averaging first keeps fine texture from aliasing; the warp then places the crop to sub-pixel accuracy.
        size = (max(1, round(piece.shape[1] * scale)), max(1, round(piece.shape[0] * scale)))
        piece = np.asarray(cv2.resize(piece, size, interpolation=cv2.INTER_AREA), np.uint8)
    scale_x, scale_y = piece.shape[1] / (x1 - x0), piece.shape[0] / (y1 - y0)
    step_x, step_y = crop.width / video.width * scale_x, crop.height / video.height * scale_y
    offset_x, offset_y = (crop.x - x0) * scale_x + step_x / 2 - 0.5, (crop.y - y0) * scale_y + step_y / 2 - 0.5
    matrix = np.array([[step_x, 0, offset_x], [0, step_y, offset_y]])
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    frame = cv2.warpAffine(piece, matrix, (video.width, video.height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    if scale > SHARPEN_FROM_SCALE:
        soft = cv2.GaussianBlur(frame, (0, 0), 0.8 * scale)
        frame = cv2.addWeighted(frame, 1.4, soft, -0.4, 0)
    return np.asarray(frame, np.uint8)
