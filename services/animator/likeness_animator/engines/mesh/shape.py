"""The face in millimetres: where its parts lie, whatever the size, tilt and place of the face in the frame.

Face coordinates have their origin between the eyes, x to the right along the eye line, y down. The scale assumes an
average adult: 63 mm between the eyes' centres and 112 mm from the eye line to the chin (anthropometric means, Farkas,
"Anthropometry of the Head and Face", 1994). Only ratios matter for the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh import topology
from likeness_animator.portrait.analysed import IRIS_LEFT, IRIS_RIGHT

Array = NDArray[np.float64]

EYE_DISTANCE_MM = 63.0
EYES_TO_CHIN_MM = 112.0
CONTOUR_NODES = 65
CORNER_REACH = 0.5
OPEN_SMILE_MM = 9.0
MIN_HALF_WIDTH_MM = 40.0
SPAN = np.linspace(-1.0, 1.0, CONTOUR_NODES)


@dataclass(frozen=True, slots=True)
class FaceFrame:
    """The similarity between frame pixels and face millimetres."""

    origin: Array
    axis_x: Array
    px_per_mm: float

    def to_mm(self, points: Array) -> Array:
        """Pixels (..., 2) to millimetres (..., 2)."""
        axes = np.stack([self.axis_x, [-self.axis_x[1], self.axis_x[0]]], axis=1)
        return np.asarray((points - self.origin) @ axes / self.px_per_mm)

    def vectors_to_px(self, vectors: Array) -> Array:
        """Displacements in millimetres (..., 2) to displacements in pixels (..., 2)."""
        axes = np.stack([self.axis_x, [-self.axis_x[1], self.axis_x[0]]], axis=0)
        return np.asarray(vectors @ axes * self.px_per_mm)

    def to_px(self, points: Array) -> Array:
        """Millimetres (..., 2) to pixels (..., 2)."""
        return self.vectors_to_px(points) + self.origin

    def corners_px(self, left: float, top: float, right: float, bottom: float) -> Array:
        """Pixels (4, 2) of the corners of a box in face mm."""
        return self.to_px(np.array([[left, top], [right, top], [left, bottom], [right, bottom]], np.float64))


@dataclass(frozen=True, slots=True)
class Slit:
    """An opening between two soft edges: the mouth or an eye.

    `upper` and `lower` give y of the edges at CONTOUR_NODES places from the left corner (s = -1) to the right (s = 1).
    """

    middle_x: float
    left_width: float
    right_width: float
    upper: Array
    lower: Array

    @property
    def width(self) -> float:
        """From corner to corner."""
        return self.left_width + self.right_width

    @property
    def centre(self) -> Array:
        """A point on the middle line."""
        return np.array([self.middle_x, (self.upper[CONTOUR_NODES // 2] + self.lower[CONTOUR_NODES // 2]) / 2])

    def along(self, x: Array) -> Array:
        """Position s along the slit: -1 at the left corner, 1 at the right, beyond outside."""
        offset = x - self.middle_x
        return np.where(offset < 0, offset / self.left_width, offset / self.right_width)

    @property
    def nodes_x(self) -> Array:
        """Where the nodes of the contours lie, (CONTOUR_NODES,) mm."""
        return self.middle_x + np.where(SPAN < 0, self.left_width, self.right_width) * SPAN

    def at(self, contour: Array, s: Array) -> Array:
        """A contour's value at s; outside the slit that of the nearer corner."""
        return np.interp(s, SPAN, contour)


@dataclass(frozen=True, slots=True)
class Eye:
    """An eye opening with the brow above it and the iris in it."""

    slit: Slit
    brow_y: float
    iris: Array
    iris_radius: float


@dataclass(frozen=True, slots=True)
class FaceShape:
    """All measures of one face, in face millimetres.

    `upper_lip` and `lower_lip` are the thickness of the red of the lips along the mouth.
    """

    frame: FaceFrame
    mouth: Slit
    upper_lip: Array
    lower_lip: Array
    nose_base_y: float
    nose_tip: Array
    chin: Array
    top_y: float
    half_width: float
    eyes: tuple[Eye, Eye]

    @property
    def smile(self) -> float:
        """How far the photographed mouth is open, 0 closed to 1: an open mouth in a portrait is a smile."""
        return min(1.0, float((self.mouth.lower - self.mouth.upper).max()) / OPEN_SMILE_MM)


def measure(landmarks: Array) -> FaceShape:
    """Measure a face from its (478, 2) landmarks in frame pixels."""
    frame = _face_frame(landmarks)
    points = frame.to_mm(landmarks)
    mouth = _mouth(points)
    outer_upper = _contour(points[list(topology.LIPS_OUTER_UPPER)], mouth)
    outer_lower = _contour(points[list(topology.LIPS_OUTER_LOWER)], mouth)
    right_eye = (topology.RIGHT_EYE_UPPER, topology.RIGHT_EYE_LOWER, topology.RIGHT_BROW)
    left_eye = (topology.LEFT_EYE_UPPER, topology.LEFT_EYE_LOWER, topology.LEFT_BROW)
    return FaceShape(
        frame=frame,
        mouth=mouth,
        upper_lip=np.maximum(mouth.upper - outer_upper, 1.0),
        lower_lip=np.maximum(outer_lower - mouth.lower, 1.0),
        nose_base_y=min(float(points[topology.NOSE_BASE, 1]), float(mouth.upper.min()) - 6.0),
        nose_tip=points[topology.NOSE_TIP],
        chin=points[topology.CHIN],
        top_y=float(points[topology.FOREHEAD_TOP, 1]),
        half_width=max(float(points[topology.CHEEK_LEFT, 0] - points[topology.CHEEK_RIGHT, 0]) / 2, MIN_HALF_WIDTH_MM),
        eyes=(_eye(points, *right_eye), _eye(points, *left_eye)),
    )


def _face_frame(landmarks: Array) -> FaceFrame:
    right = landmarks[[33, 133]].mean(axis=0)
    left = landmarks[[362, 263]].mean(axis=0)
    across = left - right
    distance = float(np.hypot(*across))
    axis_x = across / distance
    origin = (left + right) / 2
    down = float((landmarks[topology.CHIN] - origin) @ [-axis_x[1], axis_x[0]])
    # A turned head narrows the eyes' distance and a nod the chin's: the larger of the two scales is the true one.
    return FaceFrame(origin, axis_x, max(distance / EYE_DISTANCE_MM, down / EYES_TO_CHIN_MM))


def _slit(upper: Array, lower: Array, middle_x: float) -> Slit:
    corners = (upper[0], upper[-1])
    left_width = max(middle_x - float(corners[0][0]), 2.0)
    right_width = max(float(corners[1][0]) - middle_x, 2.0)
    bare = Slit(middle_x, left_width, right_width, SPAN, SPAN)
    top, bottom = _contour(upper, bare), _contour(lower, bare)
    # Landmarks of a closed slit may cross by a fraction of a pixel.
    crossed = top > bottom
    middle = (top + bottom) / 2
    return Slit(middle_x, left_width, right_width, np.where(crossed, middle, top), np.where(crossed, middle, bottom))


def _mouth(points: Array) -> Slit:
    upper, lower = points[list(topology.LIPS_INNER_UPPER)], points[list(topology.LIPS_INNER_LOWER)]
    # The dark corner of an open mouth reaches past the inner corner landmarks.
    for end, outer in ((0, topology.LIPS_OUTER_UPPER[0]), (-1, topology.LIPS_OUTER_UPPER[-1])):
        corner = upper[end] + CORNER_REACH * (points[outer] - upper[end])
        upper[end] = lower[end] = corner
    return _slit(upper, lower, float((upper[5, 0] + lower[5, 0]) / 2))


def _contour(points: Array, slit: Slit) -> Array:
    """Resample a landmark contour along a slit, smooth between its ends."""
    s = slit.along(points[:, 0])
    order = np.argsort(s, kind="stable")
    line = np.interp(SPAN, s[order], points[order, 1])
    kernel = np.hanning(9)[1:-1]
    # Reflecting about the end points keeps the corners where they are.
    padded = np.concatenate([2 * line[0] - line[3:0:-1], line, 2 * line[-1] - line[-2:-5:-1]])
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def _eye(points: Array, upper: Sequence[int], lower: Sequence[int], brow: Sequence[int]) -> Eye:
    top, bottom = points[list(upper)], points[list(lower)]
    slit = _slit(top, bottom, float((top[0, 0] + top[-1, 0]) / 2))
    # The two irises are told apart by place, not by index.
    candidates = [points[IRIS_LEFT], points[IRIS_RIGHT]]
    iris = min(candidates, key=lambda rim: float(np.hypot(*(rim[0] - slit.centre))))
    radius = float(np.hypot(*(iris[1:] - iris[0]).T).mean())
    return Eye(slit, float(points[list(brow), 1].mean()), iris[0], radius)
