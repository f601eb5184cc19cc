"""The lips as two layers cut out of the photo: everything above the mouth and everything below it.

What the photo shows between the lips (teeth, gums, a tongue) is replaced: each layer continues the red of its lip past
its inner edge, mirrored and darkened as a lip that rolls inwards. The opacity is cut at the inner edge; both are warped
together, so the edge follows the texture exactly.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh.fields import smoothstep
from likeness_animator.engines.mesh.shape import Array, FaceShape
from likeness_animator.engines.mesh.warp import Pixels, Region, pixel_places, sample

TRIM_OF_LIP, TRIM_OF_SMILE = 0.18, 0.3
"""Share of a lip next to the mouth that is replaced, and how much more of the upper one in an open smile: the photo
mixes it with teeth and gums."""
MIRRORED_TO = 0.8
"""Share of a lip up to which it is mirrored: beyond lies its outline."""
RIM_SHADE = np.array([0.3, 0.44, 0.4])
"""Per colour: where a lip rolls inwards it is darker and redder."""
RIM_MM, RIM_RANGE_MM = 1.3, 2.2
CORNER_FROM = 0.55
OVERLAP = 0.65
"""Of the soft edge: at 0.5 closed lips would let a line of the dark between them through."""
COMMISSURE = 0.1
"""Share of half the mouth, at each corner, over which the lips join."""
DARK_OF_SKIN, DARK_OF_LIP, DARK_REACH_MM, DARK_MARGIN_MM = 0.58, 0.7, 4.5, 1.2
"""Darker than these shares of the skin and of the middle of the lips is no lip; the margin holds the blur around it."""
INPAINT_MM = 2.5
EVEN_MM, EVENNESS = 2.0, 0.55
GLOSS_KEPT = 0.45
GLOSS_FROM, GLOSS_RANGE = 1.08, 0.15


@dataclass(frozen=True, slots=True)
class LipLayers:
    """RGBA pictures of the mouth region, (height, width, 4) uint8, straight alpha, in photo position."""

    top: Pixels
    bottom: Pixels


def cut(photo: Pixels, region: Region, shape: FaceShape, edge_px: float) -> LipLayers:
    """Cut both layers out of the frame-sized photo, along edges that are `edge_px` wide."""
    points = shape.frame.to_mm(pixel_places(region))
    mouth = shape.mouth
    s, y = mouth.along(points[..., 0]), points[..., 1]
    above, below = mouth.at(mouth.upper, s) - y, y - mouth.at(mouth.lower, s)
    photo = _closed_corners(photo, region, shape)
    trims = TRIM_OF_LIP + TRIM_OF_SMILE * shape.smile, TRIM_OF_LIP
    top = _layer(photo, shape, points, above, mouth.at(shape.upper_lip, s), trims[0], outwards=-1.0)
    bottom = _layer(photo, shape, points, below, mouth.at(shape.lower_lip, s), trims[1], outwards=1.0)
    per_edge = shape.frame.px_per_mm / edge_px
    joined = smoothstep((np.abs(s) - 1 + COMMISSURE) / COMMISSURE)
    # Towards the corners the lips overlap, or the dark between them would draw a line where they are shut.
    overlap = OVERLAP + (1 - OVERLAP) * smoothstep((np.abs(s) - CORNER_FROM) / (1 - CORNER_FROM))
    cover_top = np.clip(above * per_edge + overlap, 0, 1)
    cover_bottom = np.maximum(np.clip(below * per_edge + overlap, 0, 1), joined)
    return LipLayers(_with_alpha(top, cover_top), _with_alpha(bottom, cover_bottom))


def _layer(
    photo: Pixels, shape: FaceShape, points: Array, depth: Array, lip: Array, trimmed: float, *, outwards: float
) -> Array:
    """Float RGB of one layer: `depth` is the distance in mm from the inner edge into the lip, `lip` its thickness."""
    s = shape.mouth.along(points[..., 0])
    inside = smoothstep((1.1 - np.abs(s)) / 0.25)
    trim = trimmed * lip * inside
    mirrored = trim + (trim - depth) * min(1.0, MIRRORED_TO / trimmed - 1)
    shift = np.where((depth < trim) & (inside > 0), mirrored - depth, 0.0)
    source = points + np.stack([np.zeros_like(shift), outwards * shift], axis=-1)
    texture = sample(photo, shape.frame.to_px(source).astype(np.float32))
    rim = smoothstep((RIM_MM - depth) / RIM_RANGE_MM) * inside
    even = _even(np.asarray(texture, np.float64), depth / lip, s, EVEN_MM * shape.frame.px_per_mm)
    return _matt(even, depth / lip, inside) * (1 - RIM_SHADE * rim[..., None])


def _closed_corners(photo: Pixels, region: Region, shape: FaceShape) -> Pixels:
    """The photo without the inside of the mouth and the dark of its corners, which landmarks follow only roughly."""
    if not shape.smile:
        return photo
    points = shape.frame.to_mm(pixel_places(region))
    mouth = shape.mouth
    s, y = mouth.along(points[..., 0]), points[..., 1]
    above, below = mouth.at(mouth.upper, s) - y, y - mouth.at(mouth.lower, s)
    beyond = np.maximum(above, below)
    piece = photo[region.window]
    depths = above / mouth.at(shape.upper_lip, s), below / mouth.at(shape.lower_lip, s)
    around = (beyond > DARK_REACH_MM) & (beyond < 2 * DARK_REACH_MM) & (np.abs(s) < 1)
    lips = [(depth > 0.2) & (depth < 0.8) & (np.abs(s) < CORNER_FROM) for depth in depths]
    dark = _darker_than(piece.mean(axis=-1), [(DARK_OF_SKIN, around), *((DARK_OF_LIP, lip) for lip in lips)])
    # Single dark pixels are stubble or the outline of a lip.
    dark = cv2.medianBlur(dark.astype(np.uint8), 3) > 0
    # Closer to the middle the dark beyond an edge is the shade of a lip.
    reach = DARK_REACH_MM * shape.smile * smoothstep((np.abs(s) - CORNER_FROM) / (1 - CORNER_FROM))
    corner = (np.abs(s) < 1.2) & (beyond < reach)
    hole = ((beyond < 0) & (np.abs(s) < 1)) | (dark & corner)
    margin = 2 * max(1, round(DARK_MARGIN_MM * shape.frame.px_per_mm)) + 1
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (margin, margin))
    mask = cv2.dilate(hole.astype(np.uint8), ellipse)
    result = photo.copy()
    radius = max(2.0, INPAINT_MM * shape.frame.px_per_mm)
    filled = cv2.inpaint(np.ascontiguousarray(piece), mask, radius, cv2.INPAINT_TELEA)
    # Where the dark faded out beyond the hole it has left specks.
    rim = (cv2.dilate(mask, ellipse) > 0) & (np.abs(s) > CORNER_FROM)
    result[region.window] = np.where(rim[..., None], cv2.medianBlur(filled, margin), filled)
    return result


def _darker_than(grey: Array, places: list[tuple[float, NDArray[np.bool_]]]) -> NDArray[np.bool_]:
    """Where a picture is darker than these shares of the medians of all these places."""
    limits = [share * float(np.median(grey[place])) for share, place in places if place.any()]
    return np.asarray(grey < min(limits, default=0.0))


def _even(texture: Array, depth: Array, s: Array, sigma: float) -> Array:
    """Weaken broad stains of a lip, as left by a photo's gloss and light: they would be squeezed to stripes."""
    weight = smoothstep((1 - depth) / 0.4) * smoothstep((1 - np.abs(s)) / 0.4)
    red = texture[(depth > 0) & (depth < 0.8) & (np.abs(s) < 0.7)]
    if not red.size:
        return texture
    broad = cv2.GaussianBlur(texture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(texture - EVENNESS * weight[..., None] * (broad - np.median(red, axis=0)))


def _matt(texture: Array, depth: Array, inside: Array) -> Array:
    """Weaken the gloss of a lip: a highlight that is stretched with the lip would look like a patch of paint.

    `depth` is 0 at the inner and 1 at the outer edge of the lip.
    """
    red = texture[(depth > 0) & (depth < 1) & (inside > 0)]
    if not red.size:
        return texture
    lip = np.median(red, axis=0)
    excess = np.clip((texture.mean(axis=-1) / max(float(lip.mean()), 1.0) - GLOSS_FROM) / GLOSS_RANGE, 0, 1)
    weaker = (1 - GLOSS_KEPT) * excess * smoothstep((1.3 - depth) / 0.3) * inside
    return np.asarray(texture + (lip * GLOSS_FROM - texture) * weaker[..., None])


def _with_alpha(rgb: Array, cover: Array) -> Pixels:
    return np.dstack([rgb, cover * 255]).round().clip(0, 255).astype(np.uint8)
