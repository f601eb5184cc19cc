"""Whether the film still shows the photo: each picture against the photo, aligned by landmarks."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.meter import alignment, regions
from bench.meter.faces import Image, Points

HOLE_DEPTH = 40
"""A pixel this much darker than all of the photo around its place is a hole."""

HOLE_SEARCH = 0.1
"""Face widths that the photo is searched around a pixel."""

GRAIN = 2.0
"""Standard deviation in pixels of the blur that takes the encoder's grain out of the background."""

WORST = 3
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Look:
    """One picture beside the photo. Decibels; levels of 255; holes in pixels; edges as a ratio of gradient energy."""

    psnr: float
    background_mean: float
    background_peak: float
    beside_mean: float
    beside_peak: float
    holes: int
    edges: float


@dataclass
class Identity:
    """Compares pictures with a photo, and keeps the worst ones.

    Photo and film are brought to the smaller of the two sizes that the face has in them: what one of them cannot show
    is not compared. `person` tells the share of the person in every pixel of a picture, where one can be seen.
    """

    photo: Image
    photo_points: Points
    person: Callable[[Image, Points], NDArray[np.float32] | None]
    looks: list[Look] = field(default_factory=list)
    worst: list[tuple[float, Image]] = field(default_factory=list)
    _first: Image | None = None
    _at_rest: Image | None = None
    _first_person: NDArray[np.float32] | None = None
    _background: Mask | None = None
    _scale: float = 1.0

    def add(self, picture: Image, points: Points) -> None:
        """Compare the next picture of the film."""
        if self._first is None:
            self._begin(picture, points)
        background = self._change(picture, self._background, 99.9)
        beside = self._change(picture, self._beside(picture, points), 99.0)
        whole = _scaled(picture, self._scale)
        places = (points[:, :2] + 0.5) * self._scale - 0.5
        view = regions.view(places, whole.shape[:2])
        small, places = np.ascontiguousarray(whole[view]), places - np.array([view[1].start, view[0].start])
        skin, head = regions.skin(places, small.shape[:2]), regions.head(places, small.shape[:2])
        to_photo = alignment.refine(alignment.fit(self.photo_points, places), places, self.photo, small, skin)
        expected = alignment.warp(self.photo, to_photo, small.shape[:2])
        if self._at_rest is None:
            self._at_rest = np.full_like(whole, 255)
            self._at_rest[view] = expected
        error = (small.astype(np.float64) - expected)[skin]
        psnr = float(10 * np.log10(255**2 / max((error**2).mean(), 1e-9)))
        holes = _holes(small, np.minimum(expected, self._at_rest[view]), head)
        edges = _edge_energy(small, skin) / max(_edge_energy(expected, skin), 1e-9)
        self.looks.append(Look(psnr, *background, *beside, holes, edges))
        self._keep(psnr, small, expected)

    def _begin(self, picture: Image, points: Points) -> None:
        ratio = _eye_distance(self.photo_points) / _eye_distance(points)
        self._scale = min(1.0, ratio)
        shrink = min(1.0, 1 / ratio)
        self.photo = _scaled(self.photo, shrink)
        self.photo_points = ((self.photo_points + 0.5) * shrink - 0.5).astype(np.float32)
        self._first = cv2.GaussianBlur(picture, (0, 0), GRAIN).astype(np.uint8)
        self._background = regions.background(points[:, :2], picture.shape[:2])
        self._first_person = self.person(picture, points)

    def _beside(self, picture: Image, points: Points) -> Mask | None:
        """What is background beside the head in this picture and in the first; none where no person is seen."""
        person = self.person(picture, points)
        if person is None or self._first_person is None:
            return None
        return regions.beside(points[:, :2], (self._first_person, person))

    def _change(self, picture: Image, where: Mask | None, percentile: float) -> tuple[float, float]:
        """Mean and percentile of what has changed there since the first picture; none where all is head."""
        assert self._first is not None
        if where is None:
            return math.nan, math.nan
        change = cv2.absdiff(cv2.GaussianBlur(picture, (0, 0), GRAIN), self._first)[where]
        return (float(change.mean()), float(np.percentile(change, percentile))) if change.size else (0.0, 0.0)

    def _keep(self, psnr: float, small: Image, expected: Image) -> None:
        if len(self.worst) < WORST or psnr < self.worst[-1][0]:
            difference = cv2.convertScaleAbs(cv2.absdiff(expected, small), alpha=4)
            kept = (psnr, np.asarray(np.hstack([expected, small, difference]), np.uint8))
            self.worst = sorted([*self.worst, kept], key=lambda item: item[0])[:WORST]


def _eye_distance(points: Points) -> float:
    return float(np.linalg.norm(points[33, :2] - points[263, :2]))


def _scaled(picture: Image, scale: float) -> Image:
    if scale > 0.99:
        return picture
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _holes(picture: Image, expected: Image, head: Mask) -> int:
    """Pixels of the head far darker than anything near their place in the photo.

    What borders on the head may move with it or stay: `expected` is the darker of the two.
    """
    width = int(np.ptp(np.flatnonzero(head.any(axis=0)))) + 1
    reach = 2 * max(2, round(HOLE_SEARCH * width)) + 1
    around = cv2.erode(cv2.cvtColor(expected, cv2.COLOR_RGB2GRAY), np.ones((reach, reach), np.uint8))
    dark = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.int16) < around.astype(np.int16) - HOLE_DEPTH
    return int((dark & head).sum())


def _edge_energy(picture: Image, where: Mask) -> float:
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), 1.0).astype(np.float32)
    x, y = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return float(np.hypot(x, y)[where].mean())
