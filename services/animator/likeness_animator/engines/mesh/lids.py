"""Eyelids: the skin above an eye, drawn down over it. The eye itself is never squashed."""

from collections.abc import Callable

import cv2
import numpy as np

from likeness_animator.engines.mesh import blending
from likeness_animator.engines.mesh.fields import Control, lid_field
from likeness_animator.engines.mesh.shape import Array, Eye, FaceShape
from likeness_animator.engines.mesh.softness import edge_width
from likeness_animator.engines.mesh.warp import Floats, Grid, Pixels, Region, pixel_places, region_around, sample

NODE_MM = 1.5
REACH_MM = 12.0
OPEN = 0.01


class LidPatch:
    """One eye's upper lid as a layer over the face."""

    def __init__(
        self, photo: Pixels, shape: FaceShape, eye: Eye, fields: Callable[[Array], tuple[Array, Array]], sigma: float
    ) -> None:
        slit = eye.slit
        left, right = slit.middle_x - slit.left_width - 4, slit.middle_x + slit.right_width + 4
        top, bottom = eye.brow_y - 3, float(slit.lower.max()) + 4
        corners = np.array([[left, top], [right, top], [left, bottom], [right, bottom]])
        self.region = region_around(shape.frame.to_px(corners), 2.0, photo.shape[1], photo.shape[0])
        source = self.region.grown(round(REACH_MM * shape.frame.px_per_mm), photo.shape[1], photo.shape[0])
        self._grid = Grid(source, NODE_MM * shape.frame.px_per_mm, self.region)

        def lid(points: Array) -> Array:
            moved = fields(points)[0].copy()
            moved[[Control.GAZE_X, Control.GAZE_Y]] = 0
            moved[Control.BLINK] = lid_field(eye, points)
            return moved

        self._fields = self._grid.fields(shape.frame, lid)
        self._layer = _cut(photo, source, shape, eye, edge_width(sigma))

    def draw(self, weights: Floats, under: Pixels) -> None:
        """Draw the lid over the region's pixels, in place."""
        if weights[Control.BLINK] < OPEN:
            return
        lid = sample(self._layer, self._grid.backward(self._fields, weights))
        mixed = blending.blend(under.astype(np.float32), blending.rgb(lid), lid[..., 3] * np.float32(1 / 255))
        under[...] = cv2.convertScaleAbs(mixed)


def _cut(photo: Pixels, region: Region, shape: FaceShape, eye: Eye, edge_px: float) -> Pixels:
    """RGBA: the photo above the upper edge of the eye, lashes included."""
    points = shape.frame.to_mm(pixel_places(region))
    upper = eye.slit.at(eye.slit.upper, eye.slit.along(points[..., 0]))
    above = (upper - points[..., 1]) * shape.frame.px_per_mm / edge_px
    cover = np.clip(above + 0.5, 0, 1)
    return np.dstack([photo[region.window], (cover * 255).astype(np.uint8)])
