"""Brings a photo of a face to where the face lies in a picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.meter import regions
from bench.meter.faces import Image, Points

Places = NDArray[np.float64]

REFINEMENTS = 3
BLUR = 0.02
"""Standard deviation, in distances of the eyes, of the blur in which the refinement finds its way before the last
steps: about as much as landmarks are off by."""

LANDMARK_PULL = 64.0
"""How much a landmark that is off by a pixel counts, in squared grey levels of one sample."""

SAMPLES = 20_000
"""Most pixels that a refinement looks at."""


@dataclass(frozen=True)
class SmoothMap:
    """From places of a picture to places of a photo: a polynomial of third order in x and y around the face.

    It follows a head that turns and tilts, nose and all, but nothing finer: features that were moved, smeared or
    doubled against each other stay visible as differences.
    """

    centre: NDArray[np.float64]
    unit: float
    weights: NDArray[np.float64]

    def __call__(self, places: NDArray[np.floating]) -> Places:
        """Places (n, 2) in the photo."""
        return np.asarray(self.terms(places) @ self.weights)

    def terms(self, places: NDArray[np.floating]) -> NDArray[np.float64]:
        """The polynomial's terms (n, 10)."""
        x, y = ((places - self.centre) / self.unit).astype(np.float64).T
        return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y, x**3, x * x * y, x * y * y, y**3], axis=1)


def fit(photo_points: Points, places: NDArray[np.floating]) -> SmoothMap:
    """The map that takes the steady landmarks of a picture nearest to those of the photo."""
    centre, unit = places[:468].mean(axis=0).astype(np.float64), float(np.linalg.norm(places[33] - places[263]))
    start = SmoothMap(centre, unit, np.zeros((10, 2)))
    target = photo_points[regions.STEADY, :2].astype(np.float64)
    weights, *_ = np.linalg.lstsq(start.terms(places[regions.STEADY]), target, rcond=None)
    return SmoothMap(centre, unit, np.asarray(weights, np.float64))


def refine(
    start: SmoothMap, places: NDArray[np.floating], photo: Image, picture: Image, where: NDArray[np.bool_]
) -> SmoothMap:
    """Take out what the landmarks are off by, some tenths of a pixel that would hide all else in fine texture.

    Gauss-Newton on the grey difference over `where` (Lucas and Kanade, "An iterative image registration technique",
    1981), with the same few degrees of freedom. Where skin has no texture, the landmarks hold the map in place.
    """
    held = np.kron(np.eye(2), LANDMARK_PULL * _square(start.terms(places[regions.STEADY])))
    rows, columns = np.nonzero(where)
    step = -(-len(rows) // SAMPLES)
    rows, columns = rows[::step], columns[::step]
    terms, weights = start.terms(np.stack([columns, rows], axis=1)), start.weights
    for blur in (BLUR * start.unit, 1.0):
        grey_photo, grey_picture = (_grey(image, blur) for image in (photo, picture))
        slopes = [cv2.Sobel(grey_photo, cv2.CV_32F, *axis, ksize=3, scale=1 / 8) for axis in ((1, 0), (0, 1))]
        wanted = grey_picture[rows, columns].astype(np.float64)
        for _ in range(REFINEMENTS):
            source = (terms @ weights).astype(np.float32)
            value, dx, dy = (_at(np.asarray(image, np.float32), source) for image in (grey_photo, *slopes))
            jacobian = np.hstack([terms * dx[:, np.newaxis], terms * dy[:, np.newaxis]])
            pull = held @ (start.weights - weights).T.ravel()
            change = np.linalg.solve(_square(jacobian) + held, jacobian.T @ (wanted - value) + pull)
            weights = weights + change.reshape(2, 10).T
    return SmoothMap(start.centre, start.unit, weights)


def warp(photo: Image, to_photo: SmoothMap, shape: tuple[int, ...]) -> Image:
    """The photo as a picture of `shape`."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    grid = np.stack([columns.ravel(), rows.ravel()], axis=1)
    x, y = (part.reshape(shape) for part in to_photo(grid).astype(np.float32).T)
    return np.asarray(cv2.remap(photo, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _square(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rows.T @ rows)


def _grey(image: Image, blur: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (0, 0), blur), np.float32)


def _at(image: NDArray[np.float32], source: NDArray[np.float32]) -> NDArray[np.float64]:
    x, y = source[np.newaxis, :, 0], source[np.newaxis, :, 1]
    return np.asarray(cv2.remap(image, x, y, cv2.INTER_LINEAR)[0], np.float64)
