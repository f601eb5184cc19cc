"""Facial landmarks: 468 mesh points and 2 x 5 iris points.

Sources: Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs" (2019), and
Ablavatski et al., "Real-time Pupil Tracking from Monocular Video for Digital Puppetry" (2020); it loads MediaPipe's
face_landmark and iris_landmark weights.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.portrait.detector import LEFT_EYE, RIGHT_EYE, Detection
from likeness_animator.portrait.litert import Array, LiteRtModel, sigmoid

MESH_SIDE = 192
MESH_MARGIN = 1.5
MESH_PASSES = 3
"""Error against MediaPipe's tracked result on a 94 px wide face: 1.25 px after one, 0.44, 0.29, then no better."""

MIN_PRESENCE = 0.9
IRIS_SIDE = 64
IRIS_MARGIN = 2.3

RIGHT_EYE_CORNERS = (33, 133)
LEFT_EYE_CORNERS = (362, 263)
"""Mesh points at the corners, from image left to image right. Right and left are the subject's."""

OUTER_EYE_CORNERS = (33, 263)


@dataclass(frozen=True, slots=True)
class Roi:
    """A square of the image around `centre`, `side` pixels wide, turned clockwise by `angle` radians."""

    centre: Array
    side: float
    angle: float

    def axes(self) -> Array:
        """Matrix (2, 2) whose rows are the square's own x and y directions in the image."""
        sine, cosine = np.sin(self.angle), np.cos(self.angle)
        return np.array([[cosine, sine], [-sine, cosine]], np.float32)

    def crop(self, image: NDArray[np.uint8], size: int) -> Array:
        """The square as (size, size, 3) float32 from 0 to 1; beyond the picture its edge is repeated."""
        region, origin = self._surroundings(image)
        shrink = max(1, int(self.side / size))
        if shrink > 1:  # averaging first, because warpAffine would skip pixels
            height, width = (max(1, side // shrink) for side in region.shape[:2])
            region = np.asarray(cv2.resize(region, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        to_region = self.axes().T * (self.side / size / shrink)
        # Both grids put sample i at i + 0.5.
        corner = (self.centre - origin) / shrink - to_region @ np.full(2, (size - 1) / 2, np.float32) - 0.5
        matrix = np.column_stack([to_region, corner])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        warped = cv2.warpAffine(region, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(warped, np.float32) / np.float32(255.0)

    def _surroundings(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Array]:
        """The part of the picture that the square lies in, never empty, and where it begins (x, y)."""
        height, width = image.shape[:2]
        reach = self.side * 0.75  # half of the diagonal, and a little
        limit = np.array([width, height]) - 1
        x0, y0 = np.clip(np.floor(self.centre - reach), 0, limit).astype(int)
        x1, y1 = np.clip(np.ceil(self.centre + reach), 0, limit).astype(int)
        return image[y0 : y1 + 1, x0 : x1 + 1], np.array([x0, y0], np.float32)

    def to_image(self, points: Array, size: int) -> Array:
        """Points (n, 3) of the crop in pixels of the image; depth gets the same scale."""
        scaled = points * (self.side / size)
        scaled[:, :2] = (scaled[:, :2] - self.side / 2) @ self.axes() + self.centre
        return scaled

    def to_crop(self, points: Array, size: int) -> Array:
        """Points (n, 2) of the image in pixels of the crop."""
        return np.asarray((points - self.centre) @ self.axes().T * (size / self.side) + size / 2, np.float32)


@dataclass(frozen=True, slots=True)
class FaceLandmarks:
    """Landmarks (478, 3) float32 in pixels of the image, and how sure the model is that a face is there (0 to 1)."""

    points: Array
    presence: float

    @property
    def width(self) -> float:
        """Extent of the face in pixels, along the line through its eyes."""
        along = roi_of_mesh(self.points).axes()[0]
        return float(np.ptp(self.points[:, :2] @ along))


class LandmarkModel:
    """Places landmarks on a detected face."""

    def __init__(self, mesh_weights: Path, iris_weights: Path) -> None:
        self._mesh = LiteRtModel(mesh_weights)
        self._iris = LiteRtModel(iris_weights)

    def __call__(self, image: NDArray[np.uint8], detection: Detection) -> FaceLandmarks | None:
        """The face at `detection`, or None when the mesh model sees none there.

        The detector's box is coarse; each pass over the outline found so far comes closer to the fixed point.
        """
        roi = _roi_of_detection(detection)
        for _ in range(MESH_PASSES):
            mesh, presence = self._mesh_pass(image, roi)
            if presence < MIN_PRESENCE:
                return None
            roi = roi_of_mesh(mesh)
        right, left = self._iris_pass(image, mesh, RIGHT_EYE_CORNERS), self._iris_pass(image, mesh, LEFT_EYE_CORNERS)
        return FaceLandmarks(np.concatenate([mesh, right, left]), presence)

    def _mesh_pass(self, image: NDArray[np.uint8], roi: Roi) -> tuple[Array, float]:
        outputs = self._mesh(roi.crop(image, MESH_SIDE))
        return roi.to_image(outputs["conv2d_21"].reshape(468, 3), MESH_SIDE), sigmoid(outputs["conv2d_31"]).item()

    def _iris_pass(self, image: NDArray[np.uint8], mesh: Array, corners: tuple[int, int]) -> Array:
        """Five points (5, 3). The model knows right eyes only: a left one is shown to it mirrored."""
        roi = _roi_of_eye(mesh, corners)
        crop = roi.crop(image, IRIS_SIDE)
        mirrored = corners == LEFT_EYE_CORNERS
        if mirrored:
            crop = np.ascontiguousarray(crop[:, ::-1])
        points = self._iris(crop)["output_iris"].reshape(5, 3)
        if mirrored:
            points[:, 0] = IRIS_SIDE - points[:, 0]
            points = points[[0, 3, 2, 1, 4]]  # the rim again at image right, top, image left, bottom
        iris = roi.to_image(points, IRIS_SIDE)
        iris[:, 2] = mesh[list(corners), 2].mean()  # the iris model's depth has no zero in common with the mesh's
        return iris


def _angle(right: Array, left: Array) -> float:
    """Clockwise angle in radians of the line from the subject's right eye to the left one."""
    return float(np.arctan2(left[1] - right[1], left[0] - right[0]))


def _roi_of_detection(detection: Detection) -> Roi:
    centre = np.asarray((detection.box[:2] + detection.box[2:]) / 2, np.float32)
    side = float((detection.box[2:] - detection.box[:2]).max())
    return Roi(centre, side * MESH_MARGIN, _angle(detection.keypoints[RIGHT_EYE], detection.keypoints[LEFT_EYE]))


def roi_of_mesh(mesh: Array, margin: float = MESH_MARGIN) -> Roi:
    """An upright square around the mesh points (at least 468, 3) of a face, `margin` times as large as the face."""
    right, left = (mesh[index, :2] for index in OUTER_EYE_CORNERS)
    return _roi_around(mesh[:468, :2], _angle(right, left), margin)


def _roi_of_eye(mesh: Array, corners: tuple[int, int]) -> Roi:
    eye = mesh[list(corners), :2]
    return _roi_around(eye, _angle(eye[0], eye[1]), IRIS_MARGIN)


def _roi_around(points: Array, angle: float, margin: float) -> Roi:
    """The smallest square at `angle` that holds the points (n, 2), grown by `margin`."""
    axes = Roi(points[0], 1.0, angle).axes()
    own = points @ axes.T
    low, high = own.min(axis=0), own.max(axis=0)
    centre = np.asarray((low + high) / 2 @ axes, np.float32)
    return Roi(centre, float((high - low).max()) * margin, angle)
