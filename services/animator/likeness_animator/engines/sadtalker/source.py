"""What the networks see of a portrait."""

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.sadtalker.alignment import align
from likeness_animator.engines.sadtalker.crop import Crop, crop_for
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_animator.portrait.landmarks68 import landmarks68
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import Box

MIN_SIDE = 32
"""Of the cut in pixels of the portrait; the analysis has found the face itself at least as wide."""
MAX_ASPECT = 2.0
"""Of the cut, which is made square for the networks: beyond it they see a face that is twice as wide as it is."""

_ALIGNED_BY = [36, 39, 42, 45, 30, 48, 54]
"""The landmarks that place the face for the 3-D reconstruction."""


class Preparation(Enum):
    """What part of the portrait is drawn, and with which network.

    CROP: the head, with the network for cut heads. FULL: the same part, with the network that is told where the head
    was cut (73 channels), for a head in a whole picture. RESIZE: all of the picture, squeezed into a square.
    """

    CROP = "crop"
    RESIZE = "resize"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Source:
    """A portrait as the networks take it."""

    photo: NDArray[np.uint8]
    """(size, size, 3) RGB: what the keypoints and the appearance are taken from."""
    aligned: NDArray[np.uint8]
    """(224, 224, 3) RGB: what the 3-D coefficients are taken from."""
    crop: tuple[float, float, float]
    """Scale of the alignment and the face's centre, in pixels of `photo` from left and from below: channels 70 to 72 of
    the mapping with 73."""
    placement: Box
    """Where `photo` lies in the portrait, in its pixels."""

    @property
    def size(self) -> int:
        """Pixels a side of `photo`, and of what is drawn."""
        return len(self.photo)

    @property
    def to_portrait(self) -> NDArray[np.float64]:
        """The affine map (2, 3) from pixels of `photo` to pixels of the portrait; centres are whole numbers in both."""
        place = self.placement
        across, down = place.width / self.size, place.height / self.size
        return np.array([[across, 0, (across - 1) / 2 + place.x], [0, down, (down - 1) / 2 + place.y]])


def prepare(portrait: AnalysedPortrait, size: int, preparation: Preparation) -> Source:
    """Cut and align a portrait for networks that draw `size` pixels a side.

    Landmarks are those of the portrait, moved to the cut: exact, and the same for any size. Raises InvalidArgument
    (FACE_NOT_FOUND, FACE_TOO_SMALL) when too little of the face lies within the picture.
    """
    landmarks = landmarks68(portrait.landmarks)
    height, width = portrait.image.shape[:2]
    _check_inside(landmarks, width, height)
    whole = Box(0, 0, width, height)
    placement = whole if preparation is Preparation.RESIZE else _placed(crop_for((width, height), landmarks), whole)
    _check_shape(placement)
    photo = _resized(portrait.image[_window(placement)], size)
    scale = np.array([size / placement.width, size / placement.height])
    moved = (landmarks + 0.5 - [placement.x, placement.y]) * scale - 0.5
    aligned = align(photo, moved)
    return Source(photo, aligned.picture, (aligned.scale, *aligned.centre), placement)


def _placed(crop: Crop, whole: Box) -> Box:
    """The cut's inner box in pixels of the portrait, without what lies beyond it."""
    grow = np.array([whole.width / crop.size[0], whole.height / crop.size[1]])
    corner = np.array(crop.box[:2])
    low = np.rint((np.floor(crop.quad[:2]) + corner) * grow).astype(int)
    high = np.rint((np.floor(crop.quad[2:]) + corner) * grow).astype(int)
    low, high = np.maximum(low, 0), np.minimum(high, [whole.width, whole.height])
    return Box(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))


def _window(box: Box) -> tuple[slice, slice]:
    return slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)


def _resized(picture: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Bilinear, as the networks' own preparation does, after averaging whole pixels where bilinear would skip some."""
    height, width = picture.shape[:2]
    across, down = max(1, width // size), max(1, height // size)
    if across > 1 or down > 1:
        picture = np.asarray(
            cv2.resize(picture, (width // across, height // down), interpolation=cv2.INTER_AREA), np.uint8
        )
    return np.asarray(cv2.resize(picture, (size, size), interpolation=cv2.INTER_LINEAR), np.uint8)


def is_inside(landmarks: NDArray[np.float64], width: int, height: int) -> bool:
    """Whether those of 68 landmarks (x, y) that place the face lie within a picture."""
    points = landmarks[_ALIGNED_BY]
    return bool((points >= -0.5).all() and (points <= [width - 0.5, height - 0.5]).all())


def _check_inside(landmarks: NDArray[np.float64], width: int, height: int) -> None:
    if not is_inside(landmarks, width, height):
        raise InvalidArgument(
            Reason.FACE_NOT_FOUND,
            "Eyes, nose or mouth lie beyond the border of the picture. Use a photo with the whole face.",
            field="portrait",
        )


def _check_shape(cut: Box) -> None:
    if min(cut.width, cut.height) < MIN_SIDE:
        raise InvalidArgument(
            Reason.FACE_TOO_SMALL,
            f"Of the face only {cut.width}x{cut.height} pixels can be cut out; at least {MIN_SIDE} a side are needed. "
            "Use a closer or larger photo.",
            field="portrait",
        )
    if not 1 / MAX_ASPECT <= cut.width / cut.height <= MAX_ASPECT:
        raise InvalidArgument(
            Reason.FACE_NOT_FOUND,
            f"What would be drawn, {cut.width}x{cut.height} pixels, is too far from a square. Use a photo with more "
            "space around the head, about as wide as it is high.",
            field="portrait",
        )
