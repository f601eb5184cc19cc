"""The lips as two layers cut out of the photo: everything above the mouth and everything below it.

What the photo shows between the lips (teeth, gums, a tongue) is replaced: each layer continues the red of its lip past
its inner edge, mirrored and darkened as a lip that rolls inwards. The opacity is cut at the inner edge; both are warped
together, so the edge follows the texture exactly.
"""

from dataclasses import dataclass

import numpy as np

from likeness_animator.engines.mesh.fields import smoothstep
from likeness_animator.engines.mesh.shape import Array, FaceShape
from likeness_animator.engines.mesh.warp import Pixels, Region, pixel_places, sample

TRIM_OF_LIP = 0.18
"""Share of the lip next to the mouth that is replaced, because the photo mixes it with teeth."""
CORNER_TRIM_MM = 3.2
ROLL_SHADE = 0.45
ROLL_MM = 1.5


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
    top = _layer(photo, shape, points, above, mouth.at(shape.upper_lip, s), outwards=-1.0)
    bottom = _layer(photo, shape, points, below, mouth.at(shape.lower_lip, s), outwards=1.0)
    per_edge = shape.frame.px_per_mm / edge_px
    cover_top = np.clip(above * per_edge + 0.5, 0, 1)
    cover_bottom = np.where(np.abs(s) < 1, np.clip(below * per_edge + 0.5, 0, 1), 1.0)
    return LipLayers(_with_alpha(top, cover_top), _with_alpha(bottom, cover_bottom))


def _layer(photo: Pixels, shape: FaceShape, points: Array, depth: Array, lip: Array, *, outwards: float) -> Array:
    """Float RGB of one layer: `depth` is the distance in mm from the inner edge into the lip, `lip` its thickness."""
    s = shape.mouth.along(points[..., 0])
    inside = smoothstep((1.2 - np.abs(s)) / 0.2)
    # An open smile has dark corners, which landmarks follow only roughly: cut more away there.
    corner = CORNER_TRIM_MM * shape.smile * np.exp(-(((np.abs(s) - 1) / 0.22) ** 2))
    trim = np.maximum(TRIM_OF_LIP * lip, corner) * inside
    mirrored = np.minimum(2 * trim - depth, np.maximum(0.9 * lip, 2 * trim))
    shift = np.where((depth < trim) & (inside > 0), mirrored - depth, 0.0)
    source = points + np.stack([np.zeros_like(shift), outwards * shift], axis=-1)
    texture = sample(photo, shape.frame.to_px(source).astype(np.float32))
    roll = np.clip((TRIM_OF_LIP * lip - depth) / (lip + ROLL_MM), 0, 1) * inside
    return np.asarray(texture, np.float64) * (1 - ROLL_SHADE * roll)[..., None]


def _with_alpha(rgb: Array, cover: Array) -> Pixels:
    return np.dstack([rgb, cover * 255]).round().clip(0, 255).astype(np.uint8)
