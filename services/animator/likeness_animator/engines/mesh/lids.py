"""What an upper lid looks like when it is shut: skin that the photo of an open eye does not show.

Its colour goes on from the skin around the eye, its grain is that of the skin below, and its shape is shaded onto it:
a ball under the middle, a fold above, and a line of lashes along the edge.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh.fields import bell, smoothstep
from likeness_animator.engines.mesh.folds import fold_reach
from likeness_animator.engines.mesh.shape import Array, Eye, FaceFrame
from likeness_animator.engines.mesh.warp import Floats, Pixels

OVERLAP_MM = 0.8
CORNER_MM, CORNER_REACH = 0.5, 0.12
"""The line of a shut eye ends a little under the corners of an open one."""
SKIN_FROM_MM, SKIN_BEYOND_MM, SKIN_BELOW_MM = 1.2, 1.0, 1.8
"""Skin counts from so far above the lid's edge to so far beyond the fold, and from so far below the other lid."""
SKIN_ASIDE = 1.5
LIT_SHARE, DARK, BRIGHT = 0.65, 0.75, 1.25
"""Lashes, brows and rims are darker than that against this quantile of the skin, reflections in glasses brighter."""
IN_SHADOW, LIT_COUNTS = 0.6, 3
BELOW_COUNTS = 0.15
"""The lid takes after the skin above the eye: that below it mostly lies in another light."""
SPREAD_MM, SPREAD_PX = 4.0, 3.0
"""Sigma of the blur that carries it on, and in how many pixels that is done."""
SIDES, LASHES_REACH, LASHES_DARK = 1.12, 1.35, 0.62
"""How far the lid goes beyond the corners, as `along` says, and how far lashes that have to sink, darker than that."""
SOFT_MM, UNDER_MM = 0.8, 1.8
GRAIN_MM, GRAIN_LIMIT = 0.4, 1.2
BALL_SHADE, BALL_MIDDLE, FOLD_SHADE, FOLD_MM = 0.16, 0.4, 0.04, 1.2
LASHES_MM, LASHES_UP_MM, LASHES_COVER, LASHES_END = 0.7, 0.3, 0.95, 1.1
SHADE_MM, SHADE_COVER = 1.8, 0.18
"""The soft dark on both sides of the lashes."""
LASHES_LIGHTEST = 0.45
"""Against the skin: lashes in a pale photo must not vanish."""


@dataclass(frozen=True, slots=True)
class LidPlaces:
    """Where the pixels of a region lie on an eye, (height, width) each.

    `along` is -1 to 1 from corner to corner; the others are mm. `above` is the distance over the edge of the open upper
    lid, `below` that under the lower one, `opening` that between the two. `to_shut` is how far the upper lid has to
    go, `reach` how high the skin above it gives way.
    """

    along: Array
    above: Array
    below: Array
    opening: Array
    to_shut: Array
    reach: Array

    @property
    def to_edge(self) -> Array:
        """The distance over the edge of the upper lid when it is shut."""
        return self.above + self.to_shut


def places_on(photo: Pixels, frame: FaceFrame, eye: Eye, points: Array) -> LidPlaces:
    """Places on the eye of `points` in face mm, (height, width, 2)."""
    slit = eye.slit
    y, s = points[..., 1], slit.along(points[..., 0])
    upper, lower = slit.at(slit.upper, s), slit.at(slit.lower, s)
    to_shut = lower - upper + np.minimum(OVERLAP_MM, lower - upper) + CORNER_MM * bell((np.abs(s) - 1) / CORNER_REACH)
    return LidPlaces(s, upper - y, y - lower, lower - upper, to_shut, slit.at(fold_reach(photo, frame, eye), s))


def shut_lid(photo: Pixels, places: LidPlaces, px_per_mm: float, edge_mm: float) -> Pixels:
    """The skin of a shut lid with its lashes, (height, width, 3), from the same region of the photo, RGB."""
    skin = _skin(photo, places, px_per_mm)
    window = np.clip(1 - places.along**2, 0, 1)
    height = np.clip(places.to_edge / (places.to_edge - places.above + places.reach), 0, 1)
    ball = window * np.sin(np.pi * height) - BALL_MIDDLE
    fold = np.sqrt(window) * np.exp(-np.square((places.above - 0.4 * places.reach) / FOLD_MM))
    shaded = skin * (1 + BALL_SHADE * ball - FOLD_SHADE * fold)[..., None] + _grain(photo, places, px_per_mm)
    lashes = _lash_colour(photo, places, skin)
    up = places.to_edge - LASHES_UP_MM
    line = LASHES_COVER * np.exp(-np.square(up / max(LASHES_MM, 0.5 * edge_mm)))
    shade = SHADE_COVER * np.exp(-np.square(up / SHADE_MM))
    ends = np.clip(1 - np.square(places.along / LASHES_END), 0, 1) ** 0.6
    cover = (np.maximum(line, shade) * ends)[..., None]
    return np.asarray(np.clip(shaded + cover * (lashes - shaded), 0, 255).round(), np.uint8)


def lid_cover(photo: Pixels, places: LidPlaces, px_per_mm: float) -> Floats:
    """Where the shut lid hides the skin of the photo, 0 to 1: from the fold down, with soft sides.

    Lashes that reach up beyond a corner are hidden as well: they sink with the lid.
    """
    light, usual = _light(photo, places)
    aside = np.abs(places.along)
    dark = cv2.dilate((light < LASHES_DARK * usual).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    lid = (places.above < places.reach) & (places.to_edge > -UNDER_MM)
    lid &= (aside < SIDES) | (dark & (aside < LASHES_REACH) & (places.above > 0))
    soft = cv2.GaussianBlur(lid.astype(np.float32), (0, 0), max(0.8, SOFT_MM * px_per_mm))
    down = smoothstep((places.reach - places.above) / (0.8 * places.reach))
    return np.asarray(soft * down, np.float32)


def _skin(photo: Pixels, places: LidPlaces, px_per_mm: float) -> Floats:
    """The colour of the skin around the eye, carried on over it (normalised convolution), (height, width, 3)."""
    above = _skin_above(places)
    below = places.below > SKIN_BELOW_MM
    light, usual = _light(photo, places)
    is_skin = (light > DARK * usual) & (light < BRIGHT * usual) & (np.abs(places.along) < SKIN_ASIDE)
    # What is lit counts most: the lid comes forward out of the shadows of the fold and the lashes.
    skin = is_skin * (above + BELOW_COUNTS * below) * (light / usual) ** LIT_COUNTS
    # A little of everything, for pictures too small or dark to have any skin.
    counts = (skin + 1e-4).astype(np.float32)
    counted = np.dstack([photo * counts[..., None], counts])
    blurred = _spread(counted, SPREAD_MM * px_per_mm)
    return np.asarray(blurred[..., :3] / blurred[..., 3:], np.float32)


def _spread(values: Floats, sigma: float) -> Floats:
    """A wide blur, on fewer pixels where sigma is large: (height, width, channels)."""
    height, width = values.shape[:2]
    few = max(1.0, sigma / SPREAD_PX)
    size = max(1, round(width / few)), max(1, round(height / few))
    small = cv2.GaussianBlur(cv2.resize(values, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / few)
    return np.asarray(cv2.resize(small, (width, height)), np.float32)


def _skin_above(places: LidPlaces) -> NDArray[np.bool_]:
    return (places.above > SKIN_FROM_MM) & (places.above < places.reach + SKIN_BEYOND_MM)


def _light(photo: Pixels, places: LidPlaces) -> tuple[Floats, float]:
    """Brightness, (height, width), and that of the skin between the eye and the fold."""
    light = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.float32)
    above = float(np.quantile(_among(light, _skin_above(places) & (np.abs(places.along) < 1)), LIT_SHARE))
    below = float(np.median(_among(light, places.below > SKIN_BELOW_MM)))
    # Under a low brow there may be nothing but its shadow.
    return light, max(above, IN_SHADOW * below, 1.0)


def _among(pixels: Floats, mask: NDArray[np.bool_]) -> Floats:
    """The pixels of a mask, or all where an eye is too small to have any in it, (n, ...)."""
    return pixels[mask if mask.any() else np.ones_like(mask)]


def _grain(photo: Pixels, places: LidPlaces, px_per_mm: float) -> Floats:
    """The fine structure of the skin below the eye, mirrored upwards, (height, width, 3)."""
    picture = photo.astype(np.float32)
    fine = picture - cv2.GaussianBlur(picture, (0, 0), GRAIN_MM * px_per_mm)
    # Wrinkles and the lower lashes stay where they are.
    usual = np.median(np.abs(_among(fine, places.below > SKIN_BELOW_MM)))
    fine = np.clip(fine, -GRAIN_LIMIT * usual, GRAIN_LIMIT * usual)
    # Rows below the whole eye, to and fro: to follow the edge of the lid would draw lines along it.
    # A strip of a frame may begin below the eye.
    first, last = int(np.flatnonzero(places.below.min(axis=1) < SKIN_BELOW_MM).max(initial=0)), len(fine) - 1
    depth, span = np.abs(first - np.arange(len(fine))), max(1, last - first)
    mirrored = first + span - np.abs(span - depth % (2 * span))
    return np.asarray(fine[np.minimum(mirrored, last)], np.float32)


def _lash_colour(photo: Pixels, places: LidPlaces, skin: Floats) -> Floats:
    """The dark of the photo's own lashes, (3,)."""
    edge = (np.abs(places.along) < 0.9) & (places.above > -0.2) & (places.above < SKIN_FROM_MM)
    pixels = _among(photo.astype(np.float32), edge)
    light = pixels.sum(axis=1)
    dark = pixels[light <= np.quantile(light, 0.15)].mean(axis=0)
    return np.asarray(np.minimum(dark, LASHES_LIGHTEST * _among(skin, edge).mean(axis=0)), np.float32)
