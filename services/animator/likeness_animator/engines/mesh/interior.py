"""The inside of the mouth, drawn: a dark cavity, teeth, and a tongue.

Upper teeth are fixed to the skull, lower teeth and tongue to the jaw. Everything is drawn once per portrait, then only
shifted and shaded.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from likeness_animator.engines.mesh import fields, teeth, tongue
from likeness_animator.engines.mesh.fields.mouth import opening_scale
from likeness_animator.engines.mesh.fields.rest import WIDTH_MM, rest_of
from likeness_animator.engines.mesh.shape import Array, FaceShape
from likeness_animator.engines.mesh.warp import Floats, Pixels, Region, region_around, sample

UPPER_EDGE_MM = 2.8
"""The edge of the upper teeth lies this far below the line on which the lips meet."""
LOWER_EDGE_MM = 1.6
"""Jaws at rest leave 2 to 4 mm between teeth that overlap by as much when they bite (Posselt, 1952)."""
LYING_TOP_MM, UNDERSIDE_TOP_MM = -3.0, -1.5
ABOVE_MM, BELOW_MM = 10.0, 14.0
"""Room around the line on which the lips meet."""
MAX_TILT, MAX_TURN, SMALLEST = 0.2, 1.4, 0.85
"""The teeth of a head that is tilted or turned away lie as its lips do."""
SAMPLES_PER_MM = 2.6
IVORY = np.array([222.0, 212.0, 196.0])
CAVITY = np.array([66.0, 25.0, 23.0])
TONGUE = np.array([188.0, 104.0, 100.0])
BLADE = np.array([226.0, 138.0, 132.0])
GUM = np.array([168.0, 92.0, 92.0])
FAIR_SKIN = 185.0
WELL_LIT = 170.0
AVERAGE_SKIN = np.array([1.22, 0.98, 0.8])
"""Its colours against its brightness. Half of what a photo's skin differs from it is taken for the light."""
SKIN_AROUND_MOUTH_MM = ((-24.0, -18.0), (24.0, -18.0), (0.0, 16.0))
TEETH_SHOW_FROM_MM = 3.0


@dataclass(frozen=True, slots=True)
class Interior:
    """Pictures in the position of a closed mouth, that cover `region` of the frame.

    tongue lies on the floor, underside is raised behind the upper teeth, blade comes out between the teeth.
    All are (height, width, 4) float32, colours 0 to 255, premultiplied by alpha 0 to 1.
    """

    region: Region
    cavity: Floats
    upper: Floats
    lower: Floats
    tongue: Floats
    underside: Floats
    blade: Floats


def draw(photo: Pixels, shape: FaceShape, blur_px: float) -> Interior:
    """Draw everything in the light of the photo; `blur_px` is the softness of the photo."""
    region = _region(photo, shape)
    light = _Light(photo, shape)
    canvas = _Canvas(region, shape)
    x, y = canvas.x, canvas.y
    ivory, gum, dark = _teeth_colour(photo, shape, light), light.on(GUM), light.on(CAVITY)
    layers = (
        _cavity(x, y, dark),
        teeth.draw(teeth.UPPER, x, UPPER_EDGE_MM - y, ivory, gum, dark),
        teeth.draw(teeth.LOWER, x, y - LOWER_EDGE_MM, ivory, gum, dark),
        tongue.lying(x, y - LYING_TOP_MM, light.on(TONGUE)),
        tongue.underside(x, y - UNDERSIDE_TOP_MM, light.on(TONGUE)),
        tongue.blade(x, y - UPPER_EDGE_MM, light.on(BLADE)),
    )
    return Interior(region, *(canvas.finish(layer, blur_px) for layer in layers))


def _region(photo: Pixels, shape: FaceShape) -> Region:
    """Room for the teeth and the tongue, at rest."""
    mouth, seam = shape.mouth, fields.seam_y(shape)
    left, right = mouth.middle_x - mouth.left_width - 6, mouth.middle_x + mouth.right_width + 6
    top, bottom = seam - ABOVE_MM, seam + BELOW_MM
    return region_around(shape.frame.corners_px(left, top, right, bottom), 2.0, photo.shape[1], photo.shape[0])


class _Light:
    """Brightness and colourfulness of the photo, from the skin around the mouth."""

    def __init__(self, photo: Pixels, shape: FaceShape) -> None:
        places = shape.frame.to_px(shape.mouth.centre + np.array(SKIN_AROUND_MOUTH_MM))
        columns, rows = np.clip(places.round().astype(int).T, 0, [[photo.shape[1] - 1], [photo.shape[0] - 1]])
        skin = np.median(photo[rows, columns].astype(np.float64), axis=0)
        # Skin differs in tone as well as in light: the mouth follows only partly.
        tone = np.clip(0.45 + 0.55 * skin.mean() / FAIR_SKIN, 0.3, 1.1)
        # A photo without any bright spot is a dark photo, whatever the skin.
        exposure = np.clip(np.quantile(photo[::4, ::4].max(axis=-1), 0.98) / WELL_LIT, 0.3, 1)
        self._brightness = float(tone * exposure)
        self._colour = float(np.clip((skin.max() - skin.min()) / max(skin.max(), 1.0) / 0.2, 0, 1))
        cast = np.clip(skin / max(skin.mean(), 1.0) / AVERAGE_SKIN, 0.6, 1.5) ** 0.5
        self._tint = 1 + (cast / cast.mean() - 1) * self._colour

    def on(self, colour: Array) -> Array:
        """A colour as it would look in this photo; black and white photos stay so."""
        return np.asarray((colour.mean() + (colour - colour.mean()) * self._colour) * self._tint * self._brightness)


def _teeth_colour(photo: Pixels, shape: FaceShape, light: _Light) -> Array:
    """The photo's own teeth where it shows them, else ivory in the photo's light."""
    mouth = shape.mouth
    gap = mouth.lower - mouth.upper
    expected = light.on(IVORY)
    if gap.max() < TEETH_SHOW_FROM_MM:
        return expected
    s = np.linspace(-0.6, 0.6, 25)
    y = mouth.at(mouth.upper, s) + np.linspace(0.25, 0.85, 9)[:, None] * mouth.at(gap, s)
    x = np.broadcast_to(mouth.middle_x + s * mouth.width / 2, y.shape)
    places = shape.frame.to_px(np.stack([x, y], axis=-1)).astype(np.float32)
    seen = sample(photo, places).reshape(-1, 3).astype(np.float64)
    bright = np.asarray(seen[seen.mean(axis=1) >= np.quantile(seen.mean(axis=1), 0.85)].mean(axis=0))
    # A tongue or a lip caught by the landmarks is too red or too dark to be a tooth.
    plausible = bright.mean() > 0.6 * expected.mean() and bright[0] - bright[2] < 0.3 * bright[0]
    return bright if plausible else expected


class _Canvas:
    """Places of a region in mm of an average mouth that faces the viewer, enlarged where its pixels are coarse.

    x: to the right of the middle of the mouth; y: down from where closed lips meet. Both (height, width).
    """

    def __init__(self, region: Region, shape: FaceShape) -> None:
        self._size = (region.width, region.height)
        times = int(np.clip(np.ceil(SAMPLES_PER_MM / shape.frame.px_per_mm), 1, 4))
        first = (1 / times - 1) / 2
        across = np.arange(region.width * times) / times + region.x + first
        down = np.arange(region.height * times) / times + region.y + first
        points = shape.frame.to_mm(np.stack(np.meshgrid(across, down), axis=-1))
        mouth = shape.mouth
        offset = points[..., 0] - mouth.middle_x
        sides = np.array([mouth.left_width, mouth.right_width]) / mouth.width * 2
        size = np.clip(rest_of(shape).slit.width / WIDTH_MM, SMALLEST, 1 / SMALLEST)
        left, right = size * np.clip(sides, 1 / MAX_TURN, MAX_TURN)
        self.x = np.where(offset < 0, offset / left, offset / right)
        tilt = np.clip((mouth.upper[-1] - mouth.upper[0]) / mouth.width, -MAX_TILT, MAX_TILT)
        self.y = (points[..., 1] - fields.seam_y(shape) - offset * tilt) / opening_scale(shape)

    def finish(self, layer: Array, blur_px: float) -> Floats:
        """To the region's size and to the softness of the photo."""
        small = cv2.resize(layer.astype(np.float32), self._size, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.GaussianBlur(small, (0, 0), max(blur_px, 0.4)), np.float32)


def _cavity(x: Array, y: Array, dark: Array) -> Array:
    """Opaque dark red, darkest at the throat behind the upper teeth, lighter on cheeks and floor."""
    shade = 0.5 + 0.5 * np.clip(np.abs(x) / 24, 0, 1) + 0.45 * np.clip(y / 12, 0, 1)
    return np.dstack([dark * shade[..., None], np.ones_like(shade)])
