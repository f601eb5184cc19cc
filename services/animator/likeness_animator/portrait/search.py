"""The search for faces of any size in a picture."""

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.portrait.detector import INPUT_SIDE, Detection, FaceDetector
from likeness_animator.portrait.landmarks import FaceLandmarks, LandmarkModel

MIN_FACE_PIXELS = 32
"""Narrowest face that the search is made to find."""

MIN_FACE_SHARE = 0.15
"""Share of a view's longest side from which on the detector found every face in trials, down to 24 pixels wide."""

TILE_STEP = 0.7
"""Tiles overlap by 0.3, so that a face too small for the level above lies whole in one of them."""

LEVEL_STEP = 2.0
"""Most that tiles shrink from one level to the next."""

ZOOM_OUT = 1.6
"""A face that fills the picture is found in a view with a border around it."""

SURE_SCORE = 0.8
"""What upright faces score in the detector, and faces on their heads do not."""

MAX_CANDIDATES = 24
"""Most faces examined in one level, the surest first; it bounds the time that a picture can take."""

Image = NDArray[np.uint8]


class FaceFinder:
    """Looks at the whole picture first, and at ever smaller tiles until one step below the first that hold a face."""

    def __init__(self, detector: FaceDetector, landmarks: LandmarkModel) -> None:
        self._detector = detector
        self._landmarks = landmarks

    def __call__(self, image: Image) -> list[FaceLandmarks]:
        """Faces in `image`, the widest first; empty when there is none at least MIN_FACE_PIXELS wide."""
        for level in _levels(max(image.shape[:2])):
            candidates = self._detect(image, level)
            if self._examine(image, candidates):
                # Someone beside them who is somewhat smaller may show only in a closer view.
                return self._examine(image, candidates + self._detect(image, round(level / LEVEL_STEP)))
        return []

    def is_upside_down(self, image: Image, face: FaceLandmarks) -> bool:
        """Whether the face stands on its head: the mesh fits such faces too, but the detector prefers them turned.

        In trials it scored photos and drawings 0.84 to 0.97 when they were upright and 0.58 to 0.75 turned by a half.
        """
        low = face.points[:, :2].min(axis=0)
        high = face.points[:, :2].max(axis=0)
        reach = float((high - low).max())
        x0, y0 = np.maximum((low + high) / 2 - reach, 0).astype(int)
        x1, y1 = np.ceil((low + high) / 2 + reach).astype(int)
        around = image[y0:y1, x0:x1]
        turned = np.asarray(cv2.rotate(around, cv2.ROTATE_180), np.uint8)
        return self._best_score(turned) > max(self._best_score(around), SURE_SCORE)

    def _best_score(self, view: Image) -> float:
        return max((detection.score for detection in self._detector(view)), default=0.0)

    def _detect(self, image: Image, side: int) -> list[Detection]:
        """Detections in all tiles with `side` pixels, in pixels of `image`."""
        scale = min(1.0, INPUT_SIDE / side)
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1.0 else image
        found = []
        for x, y, tile in _tiles(np.asarray(small, np.uint8), round(side * scale)):
            found += [detection.moved(x, y).scaled(1.0 / scale) for detection in self._detector(tile)]
        return sorted(found, key=lambda detection: -detection.score)

    def _examine(self, image: Image, candidates: list[Detection]) -> list[FaceLandmarks]:
        """Landmarks of the candidates that are faces, each face once, the widest first."""
        faces: list[FaceLandmarks] = []
        for candidate in candidates[:MAX_CANDIDATES]:
            face = self._landmarks(image, candidate)
            if face is not None and not any(_same(face, other) for other in faces):
                faces.append(face)
        return sorted(faces, key=lambda face: -face.width)


def _levels(longest: int) -> Iterator[int]:
    """Sides of the views, from beyond the whole picture down to the smallest tiles that are needed."""
    yield longest
    yield round(longest * ZOOM_OUT)
    smallest = MIN_FACE_PIXELS / MIN_FACE_SHARE
    steps = math.ceil(math.log(max(1.0, longest / smallest), LEVEL_STEP))
    for step in range(1, steps + 1):
        yield round(longest * (smallest / longest) ** (step / steps))


def _tiles(image: Image, side: int) -> Iterator[tuple[int, int, Image]]:
    """Tiles that cover `image` with overlap and end at its edges; larger ones get a border in the picture's colours."""
    height, width = image.shape[:2]
    if side > max(height, width):
        border = (side - max(height, width)) // 2
        around = (border, border, border, border)
        yield -border, -border, np.asarray(cv2.copyMakeBorder(image, *around, cv2.BORDER_REPLICATE), np.uint8)
        return
    for y in _starts(height, side):
        for x in _starts(width, side):
            yield x, y, image[y : y + side, x : x + side]


def _starts(length: int, side: int) -> list[int]:
    """Where tiles begin along one axis, evenly spread."""
    rest = max(0, length - side)
    count = math.ceil(rest / (side * TILE_STEP)) + 1
    return [int(start) for start in np.linspace(0, rest, count)]


def _same(face: FaceLandmarks, other: FaceLandmarks) -> bool:
    """Whether two results are one face: their middles are closer than half a face."""
    distance = np.linalg.norm(face.points[:, :2].mean(axis=0) - other.points[:, :2].mean(axis=0))
    return bool(distance < 0.5 * max(face.width, other.width))
