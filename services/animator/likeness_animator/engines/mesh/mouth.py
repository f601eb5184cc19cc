"""The mouth region of a frame: two lips over a drawn interior."""

from collections.abc import Callable

import cv2
import numpy as np

from likeness_animator.engines.mesh import interior, lips
from likeness_animator.engines.mesh.fields import LOWER_LIP_MM, Control
from likeness_animator.engines.mesh.pose import MouthPose
from likeness_animator.engines.mesh.shape import Array, FaceShape
from likeness_animator.engines.mesh.warp import Floats, Grid, Pixels, Region, region_around, sample

NODE_MM = 1.6
REACH_MM = 16.0
OCCLUSION_MM = 2.0
TONGUE_RISE_MM = 9.0
ROUNDING_SHADE = 0.55
SHADE_TINT = np.array([0.85, 1.1, 1.15], np.float32)
SOFTNESS_PER_SCALE = 0.45


class MouthPatch:
    """What one portrait's mouth needs. Immutable; `draw` composes one frame's mouth."""

    def __init__(
        self, photo: Pixels, shape: FaceShape, fields: Callable[[Array], tuple[Array, Array]], scale: float
    ) -> None:
        self._frame = shape.frame
        self._px_per_mm = shape.frame.px_per_mm
        self.region = _region(photo, shape)
        source = self.region.grown(round(REACH_MM * self._px_per_mm), photo.shape[1], photo.shape[0])
        self._grid = Grid(source, NODE_MM * self._px_per_mm, self.region)
        self._top = self._grid.fields(shape.frame, lambda points: fields(points)[0])
        self._bottom = self._grid.fields(shape.frame, lambda points: fields(points)[1])
        self._layers = lips.cut(photo, source, shape)
        self._interior = interior.draw(photo, self.region, shape, SOFTNESS_PER_SCALE * max(scale, 0.7))
        self._skull = self._movement(shape, fields)

    def _movement(self, shape: FaceShape, fields: Callable[[Array], tuple[Array, Array]]) -> Floats:
        """Fields (controls, 2) px that carry the skull behind the mouth: head motion only."""
        moved = shape.frame.vectors_to_px(fields(shape.mouth.centre)[0])
        moved[: Control.YAW] = 0
        return np.asarray(moved, np.float32)

    def draw(self, weights: Floats, pose: MouthPose) -> Pixels:
        """The region's pixels, (height, width, 3) uint8."""
        grid = self._grid
        warped = [
            sample(layer, grid.backward(fields, weights)).astype(np.float32)
            for layer, fields in ((self._layers.top, self._top), (self._layers.bottom, self._bottom))
        ]
        top, bottom = warped
        cover_top, cover_bottom = top[..., 3:] / 255, bottom[..., 3:] / 255
        inside = self._inside(weights, pose)
        inside *= self._occlusion(top[..., 3], bottom[..., 3])[..., None] ** SHADE_TINT
        inside += (bottom[..., :3] - inside) * cover_bottom
        inside += (top[..., :3] - inside) * cover_top
        return np.asarray(cv2.convertScaleAbs(inside), np.uint8)

    def _inside(self, weights: Floats, pose: MouthPose) -> Floats:
        """Cavity, tongue and teeth for this pose, before shading."""
        skull = weights @ self._skull
        roll = float(weights[Control.ROLL])
        down = self._frame.vectors_to_px(np.array([0.0, 1.0])) / self._px_per_mm
        jaw = skull + down * float(weights[Control.JAW]) * self._px_per_mm
        lift = down * TONGUE_RISE_MM * pose.tongue * self._px_per_mm
        cavity = self._interior.cavity.astype(np.float32)
        result = cavity.copy()
        for layer, move in (
            (self._interior.tongue, jaw - lift),
            (self._interior.lower, jaw),
            (self._interior.upper, skull),
        ):
            _over(result, self._place(layer, move, roll))
        # Rounded lips stand out from the teeth and keep the light away from them.
        return cavity + (result - cavity) * np.float32(1 - ROUNDING_SHADE * pose.rounding)

    def _place(self, layer: Pixels, move: Array | Floats, roll: float) -> Pixels:
        centre = np.array([self.region.width, self.region.height]) / 2
        cosine, sine = np.cos(roll), np.sin(roll)
        turn = np.array([[cosine, -sine], [sine, cosine]])
        matrix = np.column_stack([turn, centre + move - turn @ centre])
        return np.asarray(cv2.warpAffine(layer, matrix, (self.region.width, self.region.height)), np.uint8)

    def _occlusion(self, top: Floats, bottom: Floats) -> Floats:
        """Light that reaches into the mouth: less under the lips, much less under the upper one."""
        sigma = OCCLUSION_MM * self._px_per_mm
        upper = cv2.GaussianBlur(top, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        lower = cv2.GaussianBlur(bottom, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        return np.asarray((1 - upper * (0.7 / 255)) * (1 - lower * (0.35 / 255)) * 1.25, np.float32)


def _over(below: Floats, premultiplied: Pixels) -> None:
    layer = premultiplied.astype(np.float32)
    below *= 1 - layer[..., 3:] / 255
    below += layer[..., :3]


def _region(photo: Pixels, shape: FaceShape) -> Region:
    """The mouth with room for an open jaw and a moving head."""
    mouth = shape.mouth
    left, right = mouth.middle_x - mouth.left_width - 8, mouth.middle_x + mouth.right_width + 8
    top, bottom = shape.nose_base_y - 4, float(mouth.lower.max()) + LOWER_LIP_MM + 12
    corners = np.array([[left, top], [right, top], [left, bottom], [right, bottom]])
    return region_around(shape.frame.to_px(corners), 2.0, photo.shape[1], photo.shape[0])
