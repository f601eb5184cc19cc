"""The person in front of the background, as far as a small network sees it.

Source: MediaPipe Selfie Segmentation (general model, 256 x 256), whose weights it loads; its model card gives the input
as RGB from 0 to 1 and the output as the share of the person in every pixel.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.portrait.landmarks import FaceLandmarks, Roi, roi_of_mesh
from likeness_animator.portrait.litert import Array, LiteRtModel

SIDE = 256
HEADS = 2.5
"""Side of the square in faces. It holds hats and shoulders; a wider one makes the outline coarser, with holes."""

COVERED = 0.9
"""Least share of the face that the person has to cover: where the network misses the face, nothing else is right."""

HEADS_APART = 0.7
"""About the height of the mouth, in heights of the face: shoulders are lower."""

NECK_WIDTH, NECK_LENGTH = 0.4, 0.4
"""In widths and heights of the face; less than any neck has."""

RIM = 9
"""Pixels around the person within which soft hair counts as theirs."""


@dataclass(frozen=True, slots=True)
class Matte:
    """How much of every pixel is the person, (256, 256) uint8, in the square `roi` of the picture."""

    alpha: NDArray[np.uint8]
    roi: Roi

    def to(self, matrix: NDArray[np.float64], width: int, height: int) -> Array:
        """The matte in another picture, (height, width), 0 to 1; `matrix` (2, 3) leads from the portrait to there."""
        axes = self.roi.axes().T * (self.roi.side / SIDE)
        corner = self.roi.centre - 0.5 - axes @ np.full(2, (SIDE - 1) / 2)  # as Roi.crop places its pixels
        own = np.column_stack([matrix[:, :2] @ axes, matrix[:, :2] @ corner + matrix[:, 2]])
        # The square's edge is repeated: shoulders go on beyond it.
        flags, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
        moved = cv2.warpAffine(self.alpha, own, (width, height), None, flags, border)
        return np.asarray(moved, np.float32) / np.float32(255)


class MatteModel:
    """Tells people from what is behind them."""

    def __init__(self, weights: Path) -> None:
        self._model = LiteRtModel(weights)

    def __call__(self, image: NDArray[np.uint8], face: FaceLandmarks) -> Matte | None:
        """The matte of the person with this face, or None when the network does not see a person there."""
        roi = roi_of_mesh(face.points, HEADS)
        crop = roi.crop(image, SIDE)
        # What it sees in a mirror differs at ears and beside hair; the mean is better than either.
        share = (self._share(crop) + self._share(crop[:, ::-1])[:, ::-1]) / 2
        places = roi.to_crop(face.points[:468, :2], SIDE)
        alpha = one_person(np.rint(255 * share).astype(np.uint8), places)
        return None if alpha is None else Matte(alpha, roi)

    def _share(self, crop: Array) -> Array:
        (share,) = self._model(np.ascontiguousarray(crop)).values()
        return share.reshape(SIDE, SIDE)


def one_person(alpha: NDArray[np.uint8], face: Array) -> NDArray[np.uint8] | None:
    """What of a matte belongs to the face at `face` (n, 2) pixels; None when the matte does not cover the face.

    Shoulders touch where people stand together, heads do not: above `HEADS_APART` of the face only what is connected up
    there counts, below it what is connected at all.
    """
    inside = np.zeros_like(alpha)
    cv2.fillConvexPoly(inside, np.rint(cv2.convexHull(np.ascontiguousarray(face, np.float32))).astype(np.int32), 1)
    opaque = (alpha > 127).astype(np.uint8)
    if (opaque & inside).sum() < COVERED * inside.sum():
        return None
    low, high = np.clip([face[:, 1].min(), face[:, 1].max()], 0, len(alpha) - 1)
    # Under a face is a neck, even where the network doubts it.
    throat = np.mean(face[:, 0]) + NECK_WIDTH / 2 * np.ptp(face[:, 0]) * np.array([-1, 1])
    inside[round((low + high) / 2) : round(high + NECK_LENGTH * (high - low)), slice(*throat.round().astype(int))] = 1
    parting = round(low + HEADS_APART * (high - low))
    own = _connected(opaque, inside)
    own[:parting] = _connected(opaque[:parting], inside[:parting])
    near = cv2.dilate(own, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RIM + 1, 2 * RIM + 1)))
    others = (opaque > 0) & (own == 0)
    return np.where((near > 0) & ~others | (inside > 0), np.maximum(alpha, 255 * inside), np.uint8(0))


def _connected(opaque: NDArray[np.uint8], inside: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The part of `opaque` that covers most of `inside`."""
    _, parts = cv2.connectedComponents(opaque)
    sizes = np.bincount(parts[(inside > 0) & (opaque > 0)], minlength=2)
    return np.asarray(parts == int(sizes.argmax()), np.uint8) * opaque
