"""The face in every picture of a film, found anew in each: nothing is smoothed or carried over in time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from likeness_animator.portrait.analyser import WEIGHTS
from likeness_animator.portrait.detector import FaceDetector
from likeness_animator.portrait.landmarks import FaceLandmarks, LandmarkModel
from likeness_animator.portrait.matte import MatteModel
from likeness_animator.portrait.search import FaceFinder
from likeness_common.errors import FailedPrecondition, Reason
from likeness_common.weights import WeightStore, default_root, load

Image = NDArray[np.uint8]
Points = NDArray[np.float32]

ROOM = 1.7
"""The detector looks at a square this many face sizes wide, the same one in every picture."""

OUTER_EYE_CORNERS = (33, 263)
EYE_DISTANCE_MM = 90.0
"""Between the outer corners, of an average adult (Farkas, "Anthropometry of the Head and Face", 1994: 86 to 92)."""

MOUTH_CORNERS = (61, 291)
INNER_LIPS = (13, 14)
EYES = ((33, 160, 158, 133, 153, 144), (362, 385, 387, 263, 373, 380))
"""Corner, two of the upper lid, corner, two of the lower lid; after Soukupova and Cech, "Real-Time Eye Blink Detection
using Facial Landmarks", 2016."""


@dataclass(frozen=True)
class Track:
    """Landmarks (frames, 478, 3) in pixels of the pictures, and the second at which each shows (frames,)."""

    times: NDArray[np.float64]
    points: NDArray[np.float32]

    @property
    def fps(self) -> float:
        """Pictures a second."""
        return float((len(self.times) - 1) / (self.times[-1] - self.times[0]))

    @property
    def face_width(self) -> float:
        """Median width of the face in pixels."""
        return float(np.median(np.ptp(self.points[:, :468, 0], axis=1)))

    @property
    def gap(self) -> NDArray[np.float64]:
        """Opening between the inner lips, in mouth widths (frames,)."""
        return self.distance(*INNER_LIPS) / self.distance(*MOUTH_CORNERS)

    @property
    def opening(self) -> NDArray[np.float64]:
        """Opening between the inner lips over the distance of the eyes, which speech does not change (frames,)."""
        return self.distance(*INNER_LIPS) / self.distance(*OUTER_EYE_CORNERS)

    @property
    def eyes(self) -> NDArray[np.float64]:
        """Openness of the eyes: height over width, the mean of both (frames,)."""
        ratios = [
            (self.distance(up1, down1) + self.distance(up2, down2)) / (2 * self.distance(left, right))
            for left, up1, up2, right, down2, down1 in EYES
        ]
        return np.asarray(np.mean(ratios, axis=0))

    def distance(self, first: int, second: int) -> NDArray[np.float64]:
        """Distance of two landmarks in the picture, in pixels (frames,)."""
        return np.asarray(np.linalg.norm(self.points[:, first, :2] - self.points[:, second, :2], axis=1), np.float64)


class FaceMeter:
    """Finds the one face of a film."""

    def __init__(self) -> None:
        manifest, store = load(WEIGHTS), WeightStore(default_root())
        self._detector = FaceDetector(store.path(manifest, "face_detection_short_range.tflite"))
        names = ("face_landmark.tflite", "iris_landmark.tflite")
        self._landmarks = LandmarkModel(*(store.path(manifest, name) for name in names))
        self._search = FaceFinder(self._detector, self._landmarks)
        self._matte = MatteModel(store.path(manifest, "selfie_segmentation.tflite"))

    def find(self, image: Image) -> Points:
        """Landmarks (478, 3) of the widest face. Raises FailedPrecondition when there is none."""
        faces = self._search(image)
        if not faces:
            raise FailedPrecondition(Reason.FACE_NOT_FOUND, "no face in a picture that has to show one")
        return faces[0].points

    def person(self, image: Image, points: Points) -> NDArray[np.float32] | None:
        """The share of the person with the face at `points` in every pixel, 0 to 1; None when none is seen there."""
        matte = self._matte(image, FaceLandmarks(points, 1.0))
        return matte.to(np.eye(3)[:2], image.shape[1], image.shape[0]) if matte else None

    def follow(self, pictures: Iterable[tuple[float, Image]]) -> Iterator[tuple[float, Image, Points]]:
        """Add landmarks to each picture of a film; the first one says where to look in all of them."""
        view: tuple[slice, slice] | None = None
        for time, image in pictures:
            view = view or _view(self.find(image), image)
            faces = self._detector(np.ascontiguousarray(image[view]))
            corner = (view[1].start, view[0].start)
            found = self._landmarks(image, faces[0].moved(*corner)) if faces else None
            yield time, image, found.points if found else self.find(image)


def _view(points: Points, image: Image) -> tuple[slice, slice]:
    """A square around the face, as far as the picture goes: rows and columns."""
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    reach = ROOM / 2 * float((high - low).max())
    (x0, y0), (x1, y1) = (np.maximum((low + high) / 2 + side * reach, 0).astype(int).tolist() for side in (-1, 1))
    return slice(y0, min(y1, image.shape[0])), slice(x0, min(x1, image.shape[1]))
