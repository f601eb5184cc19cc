"""The eyes of a portrait, redrawn in the photo before the face is moved: eyeballs turn, lids slide over them.

Skin is moved column by column: from a lid's edge to the fold above it (or the cheek below) it stretches evenly, and
beyond it nothing moves, so that brows and glasses stay where they are. The lashes keep their shape. What the lids of
the photo hide of an eyeball is made up from what they show.
"""

import cv2
import numpy as np

from likeness_animator.engines.mesh.fields import bell, smoothstep
from likeness_animator.engines.mesh.folds import fold_reach
from likeness_animator.engines.mesh.lids import LidPlaces, lid_cover, shut_lid
from likeness_animator.engines.mesh.pose import Pose
from likeness_animator.engines.mesh.shape import Array, Eye, FaceShape
from likeness_animator.engines.mesh.softness import edge_width
from likeness_animator.engines.mesh.warp import Floats, Pixels, Region, pixel_places, region_around, sample, to_rgba

SIDE_MM, CHEEK_MM = 6.0, 9.0
LASH_MM = 1.0
MEET_ABOVE_LOWER = 0.13
"""Of the opening: the lower lid comes up to meet the upper one, which covers its edge."""
OVERLAP_MM = 0.8
CORNER_MM, CORNER_REACH = 0.5, 0.12
"""The lashes beyond a corner sink with the lid, or a spike of them would stay behind."""
USUAL_OPENING_MM = 9.0
UPPER_FOLLOWS, LOWER_FOLLOWS = 0.75, 0.35
"""Of the eye's vertical motion."""
UPPER_NARROWS_MM, LOWER_NARROWS_MM, UPPER_WIDENS_MM = 0.9, 1.5, 0.9
LID_SHOWN_BY = 0.35
"""Blinks up to which the skin of the shut lid takes the place of that of the photo."""
SHADOW, SHADOW_MM = 0.4, 1.3
RIGID_IRIS, FREE_IRIS = 1.15, 2.3
"""In radii of the iris: what turns with it as one, and where the corners of the eye hold still."""


class EyePatch:
    """One eye, with its lids. `draw` paints it into the photo."""

    def __init__(self, photo: Pixels, shape: FaceShape, eye: Eye, sigma: float) -> None:
        slit = eye.slit
        left, right = slit.middle_x - slit.left_width - SIDE_MM, slit.middle_x + slit.right_width + SIDE_MM
        top, bottom = min(eye.brow_y, float(slit.upper.min()) - 10), float(slit.lower.max()) + CHEEK_MM + 1
        corners = np.array([[left, top], [right, top], [left, bottom], [right, bottom]])
        self.region = region_around(shape.frame.to_px(corners), 2.0, photo.shape[1], photo.shape[0])
        self._photo = to_rgba(photo[self.region.window])
        points = shape.frame.to_mm(pixel_places(self.region))
        s = slit.along(points[..., 0])
        upper, lower = slit.at(slit.upper, s), slit.at(slit.lower, s)
        edge_mm = edge_width(sigma) / shape.frame.px_per_mm
        self._y = _floats(points[..., 1])
        self._upper, self._lower = _floats(upper), _floats(lower)
        self._opening = _floats(lower - upper)
        self._shut = _floats(lower - upper + np.minimum(OVERLAP_MM, lower - upper))
        self._window = _floats(np.clip(1 - s * s, 0, None))
        self._corner = _floats(CORNER_MM * bell((np.abs(s) - 1) / CORNER_REACH))
        self._reach = _floats(slit.at(fold_reach(photo, shape.frame, eye), s))
        self._slit = _floats(np.clip((lower - upper) / edge_mm, 0, 1))
        self._sharpness = float(1 / edge_mm)
        self._narrow = min(1.0, float((slit.lower - slit.upper).max()) / USUAL_OPENING_MM)
        near = np.hypot(points[..., 0] - eye.iris[0], points[..., 1] - eye.iris[1]) / eye.iris_radius
        self._turning = _floats(1 - smoothstep((near - RIGID_IRIS) / (FREE_IRIS - RIGID_IRIS)))
        self._axes: list[list[float]] = shape.frame.vectors_to_px(np.eye(2)).tolist()
        places = pixel_places(Region(0, 0, self.region.width, self.region.height))
        self._across, self._down = _floats(places[..., 0]), _floats(places[..., 1])
        above, below = upper - points[..., 1], points[..., 1] - lower
        self._full = self._shut + self._corner
        lid = LidPlaces(_floats(s), _floats(above), _floats(below), _floats(above + self._full), self._reach)
        self._lid = to_rgba(shut_lid(photo[self.region.window], lid, shape.frame.px_per_mm, edge_mm))
        self._lid_cover = lid_cover(photo[self.region.window], lid, shape.frame.px_per_mm)
        self._eyeball = _eyeball(photo, points, shape, eye, 0.3 * edge_mm)

    def draw(self, pose: Pose, out: Pixels) -> None:
        """Paint the eye over the region's pixels of the photo, in place."""
        drop, rise = self._lids(pose)
        below_top, above_bottom = self._y - self._upper - drop, self._lower - rise - self._y
        raised = _stretch(rise, above_bottom + rise + CHEEK_MM, CHEEK_MM - LASH_MM)
        sunk = _stretch(drop, below_top + drop + self._reach, self._reach - LASH_MM)
        face = self._laid_over(self._turned(pose), self._moved(self._photo, raised), above_bottom)
        if pose.blink > 0:
            shade = 1 - SHADOW * pose.blink * self._slit * np.exp(-np.square(below_top * np.float32(1 / SHADOW_MM)))
            shades = cv2.merge([shade, shade, shade, np.ones_like(shade)])
            face = np.asarray(cv2.multiply(face, shades, dtype=cv2.CV_8U), np.uint8)
        lid = self._moved(self._photo, -sunk)
        if pose.blink > 0:
            new = self._lid_cover * np.float32(min(1, pose.blink / LID_SHOWN_BY))
            lid = np.asarray(cv2.blendLinear(self._moved(self._lid, self._full - drop), lid, new, 1 - new), np.uint8)
        out[...] = self._laid_over(face, lid, below_top)

    def _laid_over(self, under: Pixels, lid: Pixels, open_mm: Floats) -> Pixels:
        """The lid over what is under it, with a soft edge where `open_mm` is 0; beyond the corners nothing is open."""
        shown = np.minimum(np.maximum(open_mm * -self._sharpness + 0.5, 1 - self._slit), 1)
        return np.asarray(cv2.blendLinear(under, lid, 1 - shown, shown), np.uint8)

    def _lids(self, pose: Pose) -> tuple[Floats, Floats]:
        """How far the upper lid is down and the lower one up, in mm."""
        awake = (1 - pose.blink) * self._narrow * self._window
        narrowed, widened = max(pose.lids, 0.0), max(-pose.lids, 0.0)
        upper = UPPER_FOLLOWS * pose.gaze_y + UPPER_NARROWS_MM * narrowed - UPPER_WIDENS_MM * widened
        lower = LOWER_NARROWS_MM * narrowed - LOWER_FOLLOWS * pose.gaze_y
        drop = pose.blink * (self._shut + self._corner) + awake * upper
        return drop, pose.blink * (MEET_ABOVE_LOWER * self._opening - self._corner) + awake * lower

    def _moved(self, source: Pixels, down: Floats) -> Pixels:
        """A picture where every pixel comes from so many mm further down the face."""
        x, y = self._axes[1]
        return _looked_up(source, self._across + x * down, self._down + y * down)

    def _turned(self, pose: Pose) -> Pixels:
        """The eyeball as it looks in a pose."""
        x, y = (pose.gaze_x * across + pose.gaze_y * down for across, down in zip(*self._axes, strict=True))
        return _looked_up(self._eyeball, self._across - x * self._turning, self._down - y * self._turning)


def _looked_up(source: Pixels, across: Floats, down: Floats) -> Pixels:
    return np.asarray(cv2.remap(source, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _stretch(travel: Floats, beyond: Floats, length: Floats | float) -> Floats:
    """How far what is now `beyond` mm from the still end of the skin has come, where its moving end came `travel`.

    The skin was `length` mm long; it gives way at its still end as far as it can without folding.
    """
    near_end = np.minimum(0.9 * length / np.maximum(travel, 0.1), 1)
    t = np.minimum(np.maximum(beyond / (length + travel), 0), 1)
    return np.asarray(travel * t * (1 + near_end * (1 - t)), np.float32)


def _floats(values: Array) -> Floats:
    return np.ascontiguousarray(values, np.float32)


def _eyeball(photo: Pixels, points: Array, shape: FaceShape, eye: Eye, margin_mm: float) -> Pixels:
    """The photo without lids: the iris goes on as it does on its other side, the white as where it ends."""
    slit = eye.slit
    s = slit.along(points[..., 0])
    low, high = slit.at(slit.upper, s) - margin_mm, slit.at(slit.lower, s) + margin_mm
    x, y = points[..., 0], points[..., 1]
    iris = np.hypot(x - eye.iris[0], y - eye.iris[1]) < eye.iris_radius
    hidden = (y < low) | (y > high)
    shown = np.clip(np.where(iris & hidden, 2 * eye.iris[1] - y, y), low, high)
    places = shape.frame.to_px(np.stack([x, shown], axis=-1)).astype(np.float32)
    return to_rgba(sample(photo, places))
