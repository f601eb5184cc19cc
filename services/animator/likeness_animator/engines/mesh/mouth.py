"""The mouth region of a frame: two lips over a drawn interior."""

from collections.abc import Callable

import cv2
import numpy as np

from likeness_animator.engines.mesh import blending, interior, lips
from likeness_animator.engines.mesh.fields import Control, smoothstep
from likeness_animator.engines.mesh.fields.controls import LOWER_LIP_MM
from likeness_animator.engines.mesh.fields.mouth import opening_scale
from likeness_animator.engines.mesh.pose import MouthPose
from likeness_animator.engines.mesh.shape import Array, FaceShape
from likeness_animator.engines.mesh.softness import edge_width
from likeness_animator.engines.mesh.warp import Floats, Grid, Pixels, Region, region_around, sample

OPAQUE = 254 / 255
NODE_MM = 1.9
REACH_MM = 16.0
OCCLUSION_MM = 2.0
TONGUE_RISE_MM = 5.5
TIP_OF_JAW = 0.3
"""Share of the jaw's way that the tip of a raised tongue goes."""
RAISED_AT, OUT_FROM = 0.6, 0.7
"""Of the pose's tongue: where its tip touches behind the upper teeth, and from where it comes out between the teeth."""
BLADE_REACH_MM = 3.0
TONGUE_BACK_MM = 5.0
"""Behind rounded lips the tongue draws back, which looks like sinking."""
ROUNDING_SHADE = 0.35
TEETH_HIDING_MM = 4.0
"""Rounded lips reach over the teeth."""
UPPER_LIP_SHADOW, LOWER_LIP_SHADOW, EXPOSURE = 0.64, 0.35, 1.45
SHADOW_TINT = np.array([0.92, 1.03, 1.05], np.float32)
MIN_BLUR_PX = 0.6


class MouthPatch:
    """What one portrait's mouth needs, drawn as soft as a photo of blur `sigma`. `draw` composes one frame's mouth."""

    def __init__(
        self, photo: Pixels, shape: FaceShape, fields: Callable[[Array], tuple[Array, Array]], sigma: float
    ) -> None:
        self._frame = shape.frame
        self._px_per_mm = shape.frame.px_per_mm
        self.region = _region(photo, shape)
        source = self.region.grown(round(REACH_MM * self._px_per_mm), photo.shape[1], photo.shape[0])
        self._grid = Grid(source, NODE_MM * self._px_per_mm, self.region)
        both = self._grid.fields(shape.frame, lambda points: np.concatenate(fields(points)))
        self._top, self._bottom = both[: len(Control)], both[len(Control) :]
        self._layers = lips.cut(photo, source, shape, edge_width(sigma))
        self._interior = interior.draw(photo, shape, max(MIN_BLUR_PX, sigma))
        self._scale = opening_scale(shape)
        self._skull = self._movement(shape, fields)

    def _movement(self, shape: FaceShape, fields: Callable[[Array], tuple[Array, Array]]) -> Floats:
        """Fields (controls, 2) px that carry the skull behind the mouth: head motion only."""
        moved = shape.frame.vectors_to_px(fields(shape.mouth.centre)[0])
        moved[: Control.YAW] = 0
        return np.asarray(moved, np.float32)

    def draw(self, weights: Floats, pose: MouthPose) -> Pixels:
        """The region's pixels, (height, width, 3) uint8."""
        top, bottom = (
            sample(layer, self._grid.backward(fields, weights))
            for layer, fields in ((self._layers.top, self._top), (self._layers.bottom, self._bottom))
        )
        under = blending.rgb(bottom)
        cover_top, cover_bottom = (layer[..., 3] * np.float32(1 / 255) for layer in (top, bottom))
        window = self._opening(cover_top, cover_bottom)
        if window is not None:
            light = self._light(window, cover_top, cover_bottom)
            inside = np.asarray(cv2.multiply(self._inside(window, weights, pose), light), np.float32)
            under[window.window] = blending.blend(inside, under[window.window], cover_bottom[window.window])
        return np.asarray(cv2.convertScaleAbs(blending.blend(under, blending.rgb(top), cover_top)), np.uint8)

    def _opening(self, top: Floats, bottom: Floats) -> Region | None:
        """The part of the region where neither lip covers all."""
        seen = (np.maximum(top, bottom) < OPAQUE).view(np.uint8)
        x, y, width, height = cv2.boundingRect(seen)
        return Region(x, y, width, height) if width and height else None

    def _inside(self, window: Region, weights: Floats, pose: MouthPose) -> Floats:
        """Cavity, tongue and teeth for this pose, before shading."""
        skull = weights @ self._skull
        down = self._frame.vectors_to_px(np.array([0.0, self._scale]))
        jaw = skull + down * float(weights[Control.JAW])
        place = _Placement(self.region, self._interior.region, window, float(weights[Control.ROLL]))
        # Half rounded lips still show the teeth.
        rounding = pose.rounding * pose.rounding
        hidden = down * TEETH_HIDING_MM * rounding
        result = cavity = blending.rgb(place(self._interior.cavity, skull))
        raised, out = _tongue(pose.tongue)
        lying = jaw + down * (TONGUE_BACK_MM * rounding - TONGUE_RISE_MM * raised)
        underside = skull + (jaw - skull) * TIP_OF_JAW + down * TONGUE_RISE_MM * (1 - raised)
        blade = skull - down * BLADE_REACH_MM * (1 - out)
        for layer, move, amount in (
            (self._interior.tongue, lying, 1 - raised),
            (self._interior.underside, underside, raised),
            (self._interior.lower, jaw + 2 * hidden, 1.0),
            (self._interior.blade, blade, out),
            (self._interior.upper, skull - hidden, 1.0),
        ):
            if amount:
                result = blending.lay_over(result, place(layer, move), amount)
        # Rounded lips stand out from the teeth and keep the light away from them.
        shade = ROUNDING_SHADE * rounding
        return np.asarray(cv2.addWeighted(result, 1 - shade, cavity, shade, 0), np.float32)

    def _light(self, window: Region, top: Floats, bottom: Floats) -> Floats:
        """Light that reaches into the mouth: less under the lips, much less under the upper one; shadows are warm."""
        sigma = OCCLUSION_MM * self._px_per_mm
        wide = window.grown(int(3 * sigma) + 1, self.region.width, self.region.height)
        shadows = []
        for lip, darkness in ((top, UPPER_LIP_SHADOW), (bottom, LOWER_LIP_SHADOW)):
            soft = cv2.GaussianBlur(lip[wide.window], (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
            shadows.append(1 - soft[window.inside(wide).window] * np.float32(darkness))
        light = np.minimum(shadows[0] * shadows[1] * np.float32(EXPOSURE), 1)
        return np.asarray(cv2.merge([1 - (1 - light) * tint for tint in SHADOW_TINT]), np.float32)


def _tongue(amount: float) -> tuple[float, float]:
    """How far a tongue is raised and how far its tip is out, 0 to 1."""
    raised, out = smoothstep(np.array([amount / RAISED_AT, (amount - OUT_FROM) / (1 - OUT_FROM)])).tolist()
    return raised, out


class _Placement:
    """Shifts and turns interior layers into a window of the mouth region."""

    def __init__(self, region: Region, canvas: Region, window: Region, roll: float) -> None:
        self._size = (window.width, window.height)
        self._centre = np.array([canvas.width, canvas.height]) / 2
        cosine, sine = np.cos(roll), np.sin(roll)
        self._turn = np.array([[cosine, -sine], [sine, cosine]])
        self._offset = np.array([canvas.x - region.x - window.x, canvas.y - region.y - window.y], np.float64)

    def __call__(self, layer: Floats, move: Array | Floats) -> Floats:
        shift = self._centre + move + self._offset - self._turn @ self._centre
        matrix = np.column_stack([self._turn, shift])
        return np.asarray(cv2.warpAffine(layer, matrix, self._size, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _region(photo: Pixels, shape: FaceShape) -> Region:
    """The mouth with room for an open jaw and a moving head."""
    mouth = shape.mouth
    left, right = mouth.middle_x - mouth.left_width - 8, mouth.middle_x + mouth.right_width + 8
    top, bottom = shape.nose_base_y - 4, float(mouth.lower.max()) + LOWER_LIP_MM + 12
    return region_around(shape.frame.corners_px(left, top, right, bottom), 2.0, photo.shape[1], photo.shape[0])
