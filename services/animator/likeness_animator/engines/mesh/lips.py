"""The lips as two layers cut out of the photo: everything above the mouth and everything below it.

What the photo shows between the lips (teeth, gums, a tongue) is replaced: each layer continues the red of its lip past
its inner edge, mirrored and darkened as a lip that rolls inwards. The opacity is cut at the inner edge; both are warped
together, so the edge follows the texture exactly.
"""

from dataclasses import dataclass

import numpy as np

from likeness_animator.engines.mesh.shape import Array, FaceShape
from likeness_animator.engines.mesh.warp import Pixels, Region, pixel_places, sample

TRIM_OF_LIP = 0.22
"""Share of the lip next to the mouth that is replaced, because the photo mixes it with teeth."""
ROLL_SHADE = 0.45
EDGE_PX = 1.2


@dataclass(frozen=True, slots=True)
class LipLayers:
    """RGBA pictures of the mouth region, (height, width, 4) uint8, straight alpha, in photo position."""

    top: Pixels
    bottom: Pixels


def cut(photo: Pixels, region: Region, shape: FaceShape) -> LipLayers:
    """Cut both layers out of the frame-sized photo."""
    points = shape.frame.to_mm(pixel_places(region))
    s = shape.mouth.along(points[..., 0])
    inside = np.abs(s) < 1
    upper, lower = shape.mouth.at(shape.mouth.upper, s), shape.mouth.at(shape.mouth.lower, s)
    edge_mm = EDGE_PX / shape.frame.px_per_mm
    # Landmarks near the corners say little about where the lips part there; fade the trimming out.
    fade = np.clip((1 - np.abs(s)) / 0.12, 0, 1)
    top = _layer(photo, shape, points, upper - points[..., 1], shape.mouth.at(shape.upper_lip, s), fade, -1.0)
    bottom = _layer(photo, shape, points, points[..., 1] - lower, shape.mouth.at(shape.lower_lip, s), fade, 1.0)
    cover_top = np.clip((upper - points[..., 1]) / edge_mm + 0.5, 0, 1)
    cover_bottom = np.where(inside, np.clip((points[..., 1] - lower) / edge_mm + 0.5, 0, 1), 1.0)
    return LipLayers(_with_alpha(top, cover_top), _with_alpha(bottom, cover_bottom))


def _layer(
    photo: Pixels, shape: FaceShape, points: Array, depth: Array, lip: Array, fade: Array, outwards: float
) -> Array:
    """Float RGB of one layer: `depth` is the distance in mm from the inner edge into the lip."""
    trim = TRIM_OF_LIP * lip * fade
    mirrored = np.minimum(2 * trim - depth, np.maximum(0.9 * lip, trim))
    source_depth = np.where((depth < trim) & (fade > 0), mirrored, depth)
    source = points.copy()
    source[..., 1] += outwards * (source_depth - depth)
    places = shape.frame.to_px(source).astype(np.float32)
    texture = sample(photo, places)
    roll = np.clip((trim - depth) / lip, 0, 1) * fade
    return np.asarray(texture, np.float64) * (1 - ROLL_SHADE * roll)[..., None]


def _with_alpha(rgb: Array, cover: Array) -> Pixels:
    return np.dstack([rgb, cover * 255]).round().clip(0, 255).astype(np.uint8)
