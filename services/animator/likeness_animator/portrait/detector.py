"""The short-range BlazeFace detector: faces within one square-ish view.

Source: Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs" (2019), with the anchor
layout of MediaPipe's face_detection_short_range model, whose weights it loads.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.portrait.litert import Array, LiteRtModel, sigmoid

INPUT_SIDE = 128
MIN_SCORE = 0.5
MAX_OVERLAP = 0.3
ANCHOR_LAYERS = ((8, 2), (16, 6))
"""Stride in input pixels, and anchors a cell."""

RIGHT_EYE, LEFT_EYE = 0, 1
"""Keypoints; right and left are the subject's. Nose, mouth, right and left ear follow."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A face: box (x0, y0, x1, y1) and keypoints (6, 2), float32 in pixels of the image."""

    score: float
    box: Array
    keypoints: Array

    @property
    def width(self) -> float:
        """Width of the box."""
        return float(self.box[2] - self.box[0])

    def moved(self, x: float, y: float) -> "Detection":
        """The same face in an image whose origin lies at (-x, -y) of this one."""
        offset = np.array([x, y], np.float32)
        return Detection(self.score, self.box + np.tile(offset, 2), self.keypoints + offset)

    def scaled(self, factor: float) -> "Detection":
        """The same face in an image `factor` times as large."""
        return Detection(self.score, self.box * np.float32(factor), self.keypoints * np.float32(factor))


class FaceDetector:
    """Finds faces that take up at least about a tenth of a view."""

    def __init__(self, weights: Path) -> None:
        self._model = LiteRtModel(weights)
        self._anchors = _anchors()

    def __call__(self, view: NDArray[np.uint8]) -> list[Detection]:
        """Faces in `view` (height, width, 3), the surest first."""
        canvas, scale = _letterbox(view)
        outputs = self._model(canvas.astype(np.float32) / np.float32(127.5) - np.float32(1.0))
        scores = sigmoid(outputs["classificators"][0, :, 0])
        likely = scores >= MIN_SCORE
        points = outputs["regressors"][0][likely].reshape(-1, 8, 2)
        points[:, 0] += self._anchors[likely]  # centre of the box
        points[:, 2:] += self._anchors[likely, np.newaxis]  # keypoints; entry 1 is the box's size
        return [
            _detection(score, face / np.float32(scale)) for score, face in _merge_overlapping(scores[likely], points)
        ]


def _anchors() -> Array:
    """Centres of the 896 anchors, in input pixels."""
    layers = []
    for stride, per_cell in ANCHOR_LAYERS:
        centres = (np.arange(INPUT_SIDE // stride, dtype=np.float32) + 0.5) * stride
        grid = np.stack(np.meshgrid(centres, centres), axis=-1).reshape(-1, 2)
        layers.append(np.repeat(grid, per_cell, axis=0))
    return np.concatenate(layers)


def _letterbox(view: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """The view shrunk or grown into the top left of the model's input, and the factor."""
    scale = INPUT_SIDE / max(view.shape[:2])
    height, width = (max(1, round(side * scale)) for side in view.shape[:2])
    canvas = np.zeros((INPUT_SIDE, INPUT_SIDE, 3), np.uint8)
    interpolation = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    canvas[:height, :width] = cv2.resize(view, (width, height), interpolation=interpolation)
    return canvas, scale


def _merge_overlapping(scores: Array, points: Array) -> list[tuple[float, Array]]:
    """Weighted non-maximum suppression: overlapping boxes become their average by score (BlazeFace, section 3.4)."""
    faces = []
    order = np.argsort(-scores, kind="stable")
    while order.size:
        same = _overlap(points[order[0]], points[order]) > MAX_OVERLAP
        same[0] = True  # an empty box overlaps nothing, not even itself
        group = order[same]
        faces.append((float(scores[order[0]]), np.average(points[group], axis=0, weights=scores[group])))
        order = order[~same]
    return faces


def _overlap(face: Array, others: Array) -> Array:
    """Intersection over union of one box with others; points are (…, 8, 2) with centre and size first."""
    low = np.maximum(face[0] - face[1] / 2, others[:, 0] - others[:, 1] / 2)
    high = np.minimum(face[0] + face[1] / 2, others[:, 0] + others[:, 1] / 2)
    common = np.prod(np.maximum(high - low, 0.0), axis=1)
    union = np.prod(face[1]) + np.prod(others[:, 1], axis=1) - common
    return np.asarray(common / np.maximum(union, 1e-6), np.float32)


def _detection(score: float, points: Array) -> Detection:
    centre, half = points[0], points[1] / 2
    return Detection(score, np.concatenate([centre - half, centre + half]), points[2:])
