"""Warping pixels by sums of smooth fields.

A region of the frame carries a coarse grid with the fields at its nodes. Per frame the fields are summed, the sum is
inverted on the grid (output pixel to photo pixel), and the result is interpolated up to one map for cv2.remap.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh.shape import Array, FaceFrame

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Values = TypeVar("Values", Pixels, Floats)

INVERSION_STEPS = 6
DAMPING = 0.65
_NO_MAP: Any = None
"""Where one map holds x and y. Its type stubs ask for an array, but an empty one makes cv2 5.0 read wrong pixels."""


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of whole pixels in the frame."""

    x: int
    y: int
    width: int
    height: int

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns, to index an image."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)

    def inside(self, outer: "Region") -> "Region":
        """The region in the coordinates of one that holds it."""
        return Region(self.x - outer.x, self.y - outer.y, self.width, self.height)

    def common(self, other: "Region") -> "Region":
        """What lies in both; they must overlap."""
        x0, y0 = max(self.x, other.x), max(self.y, other.y)
        x1, y1 = min(self.x + self.width, other.x + other.width), min(self.y + self.height, other.y + other.height)
        return Region(x0, y0, x1 - x0, y1 - y0)

    def grown(self, margin: int, width: int, height: int) -> "Region":
        """The region with a margin around it, inside a frame of width x height."""
        x0, y0 = max(0, self.x - margin), max(0, self.y - margin)
        x1, y1 = min(width, self.x + self.width + margin), min(height, self.y + self.height + margin)
        return Region(x0, y0, x1 - x0, y1 - y0)


def pixel_places(region: Region) -> Array:
    """Frame coordinates of a region's pixels, (height, width, 2)."""
    across, down = np.meshgrid(np.arange(region.width) + region.x, np.arange(region.height) + region.y)
    return np.stack([across, down], axis=-1).astype(np.float64)


def region_around(points: Array, margin: float, width: int, height: int) -> Region:
    """The smallest region with even corners that holds pixel `points` (n, 2) and a margin, inside the frame."""
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    x0, y0 = (2 * int(max(0.0, value) // 2) for value in low.tolist())
    x1, y1 = (2 * int(max(2.0, value) // 2 + 1) for value in high.tolist())
    x1, y1 = min(x1, width), min(y1, height)
    return Region(min(x0, x1 - 2), min(y0, y1 - 2), max(2, x1 - x0), max(2, y1 - y0))


class Grid:
    """Nodes over an area of the photo, through which a view (a part of the area) is drawn.

    The area must hold all that can move into the view. Without a view, the whole area is drawn.
    """

    def __init__(self, area: Region, step_px: float, view: Region | None = None) -> None:
        self.area = area
        self.view = view or area
        columns, rows = max(4, round(area.width / step_px)), max(4, round(area.height / step_px))
        self._shape = (rows, columns, 2)
        self._step = np.array([area.width / columns, area.height / rows])
        self._index = pixel_places(Region(0, 0, columns, rows)).astype(np.float32)
        corner = np.array([self.view.x - area.x, self.view.y - area.y])
        self._pixels = (pixel_places(Region(0, 0, self.view.width, self.view.height)) + corner).astype(np.float32)
        offset = (corner + 0.5) / self._step - 0.5
        # Only nodes next to the view need an inverse; one more all around serves the interpolation.
        size = np.array([self.view.width, self.view.height])
        first = np.clip(np.floor(offset) - 1, 0, None).astype(int)
        last = np.ceil(offset + size / self._step).astype(int) + 2
        self._near = slice(first[1], last[1]), slice(first[0], last[0])
        self._near_index = np.ascontiguousarray(self._index[self._near])
        self._near_step = np.empty_like(self._near_index)
        self._near_step[...] = self._step
        start = offset - first
        self._view_to_nodes = np.array([[1 / self._step[0], 0, start[0]], [0, 1 / self._step[1], start[1]]])

    def fields(self, frame: FaceFrame, evaluate: Callable[[Array], Array]) -> Floats:
        """Evaluate fields given in face mm, and return them in steps of the grid, (controls, rows * columns * 2)."""
        nodes_px = (self._index + 0.5) * self._step - 0.5 + [self.area.x, self.area.y]
        field = frame.vectors_to_px(evaluate(frame.to_mm(nodes_px.astype(np.float64)))) / self._step
        return np.ascontiguousarray(field.reshape(len(field), -1), np.float32)

    def dense(self, field: Floats) -> Floats:
        """One of the fields at every pixel of the area, in pixels, (height, width, 2)."""
        nodes = field.reshape(self._shape) * self._step.astype(np.float32)
        return np.asarray(cv2.resize(nodes, (self.area.width, self.area.height)), np.float32)

    def backward(self, fields: Floats, weights: Floats) -> Floats:
        """Where every pixel of the view comes from: places in the area, (height, width, 2)."""
        back = self._invert((weights @ fields).reshape(self._shape))
        size = (self.view.width, self.view.height)
        if self.view == self.area:
            dense = cv2.resize(back, size, interpolation=cv2.INTER_LINEAR)
        else:
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            dense = cv2.warpAffine(back, self._view_to_nodes, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(cv2.add(dense, self._pixels, dst=dense), np.float32)

    def _invert(self, forward: Floats) -> Floats:
        """From where photo points go, in steps, to where output points at the nodes near the view come from, in pixels.

        Solves b(q) = -f(q + b(q)) by damped iteration, which converges for stretching up to a factor of three.
        """
        back = -forward[self._near]
        for _ in range(INVERSION_STEPS):
            moved = sample(forward, np.asarray(cv2.add(self._near_index, back), np.float32))
            back = np.asarray(cv2.addWeighted(back, 1 - DAMPING, moved, -DAMPING, 0), np.float32)
        return np.asarray(cv2.multiply(back, self._near_step), np.float32)


def to_rgba(rgb: Pixels) -> Pixels:
    """The picture with an opaque fourth channel, which `sample` reads twice as fast."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2RGBA), np.uint8)


def sample(source: Values, places: Floats) -> Values:
    """Bilinear lookup of `places` (height, width, 2) in `source` (height, width, channels)."""
    return cast(Values, cv2.remap(source, places, _NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
