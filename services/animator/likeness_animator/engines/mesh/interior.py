"""The inside of the mouth, drawn: a dark cavity, teeth, and a tongue.

Upper teeth are fixed to the skull, lower teeth and tongue to the jaw. Everything is drawn once per portrait, then only
shifted and shaded. Tooth widths are textbook means of adult teeth (Wheeler, "Dental Anatomy, Physiology and
Occlusion"), foreshortened along the dental arch.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from likeness_animator.engines.mesh import fields
from likeness_animator.engines.mesh.shape import Array, FaceShape
from likeness_animator.engines.mesh.warp import Floats, Pixels, Region, region_around, sample

UPPER_TEETH_MM = (8.5, 6.4, 6.0, 4.2, 2.8, 1.8)
LOWER_TEETH_MM = (5.2, 5.6, 5.4, 4.4, 3.0, 2.0)
UPPER_HEIGHT_MM, LOWER_HEIGHT_MM = 10.0, 8.5
UPPER_EDGE_MM = 2.8
"""The edge of the upper teeth lies this far below the line on which the lips meet."""
LOWER_EDGE_MM = -0.3
TONGUE_TOP_MM = -4.5
TIP_TOP_MM, TIP_HALF_WIDTH_MM = 2.2, 17.0
"""Of a tongue that touches the upper teeth."""
SAMPLES_PER_MM = 3.5
LENGTHS = (1.0, 0.93, 1.0, 0.9, 0.85, 0.8)
"""Of the teeth from the middle to the back, against the central incisors."""
RECEDE_PER_MM2 = 0.0035
IVORY = np.array([222.0, 212.0, 196.0])
CAVITY = np.array([66.0, 25.0, 23.0])
TONGUE = np.array([188.0, 104.0, 100.0])
TIP = np.array([222.0, 134.0, 128.0])
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

    cavity, upper, lower, tongue, tip: (height, width, 4) float32, colours 0 to 255, premultiplied by alpha 0 to 1.
    """

    region: Region
    cavity: Floats
    upper: Floats
    lower: Floats
    tongue: Floats
    tip: Floats


def draw(photo: Pixels, shape: FaceShape, blur_px: float) -> Interior:
    """Draw everything in the light of the photo; `blur_px` is the softness of the photo."""
    seam = fields.seam_y(shape)
    region = _region(photo, shape, seam)
    light = _Light(photo, shape)
    canvas = _Canvas(region, shape, light.on(CAVITY))
    teeth = _teeth_colour(photo, shape, light)
    gum = light.on(GUM)
    upper = canvas.teeth(UPPER_TEETH_MM, UPPER_HEIGHT_MM, seam + UPPER_EDGE_MM, teeth, gum, upwards=True)
    lower = canvas.teeth(LOWER_TEETH_MM, LOWER_HEIGHT_MM, seam + LOWER_EDGE_MM, teeth * 0.88, gum, upwards=False)
    tongue = canvas.tongue(seam + TONGUE_TOP_MM, light.on(TONGUE))
    tip = canvas.tip(seam + TIP_TOP_MM, light.on(TIP))
    cavity = canvas.cavity(seam)
    return Interior(region, *(canvas.finish(layer, blur_px) for layer in (cavity, upper, lower, tongue, tip)))


def _region(photo: Pixels, shape: FaceShape, seam: float) -> Region:
    """Room for the teeth and the tongue, at rest."""
    mouth = shape.mouth
    left, right = mouth.middle_x - mouth.left_width - 6, mouth.middle_x + mouth.right_width + 6
    top, bottom = seam - UPPER_HEIGHT_MM, seam + 14
    corners = np.array([[left, top], [right, top], [left, bottom], [right, bottom]])
    return region_around(shape.frame.to_px(corners), 2.0, photo.shape[1], photo.shape[0])


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
    """Draws in face mm onto a region, enlarged where its pixels are coarse."""

    def __init__(self, region: Region, shape: FaceShape, dark: Array) -> None:
        self._dark = dark
        self._size = (region.width, region.height)
        times = int(np.clip(np.ceil(SAMPLES_PER_MM / shape.frame.px_per_mm), 1, 4))
        first = (1 / times - 1) / 2
        across = np.arange(region.width * times) / times + region.x + first
        down = np.arange(region.height * times) / times + region.y + first
        points = shape.frame.to_mm(np.stack(np.meshgrid(across, down), axis=-1)).astype(np.float32)
        self.x = points[..., 0] - np.float32(shape.mouth.middle_x)
        self.y = points[..., 1]

    def teeth(
        self, widths: tuple[float, ...], height: float, edge_y: float, colour: Array, gum: Array, *, upwards: bool
    ) -> Array:
        """One dental arch, premultiplied RGBA."""
        ends = np.cumsum(widths).astype(np.float32)
        side = np.abs(self.x)
        tooth = np.clip(np.searchsorted(ends, side), 0, len(widths) - 1)
        half = (np.array(widths, np.float32) / 2)[tooth]
        across = (side - ends[tooth] + half) / half
        squared = across * across
        # The arch recedes: teeth further back end higher and lie in shade.
        length = height * np.array(LENGTHS, np.float32)[tooth]
        recede = RECEDE_PER_MM2 * side**2
        up = (edge_y - recede - self.y) if upwards else (self.y - edge_y - 0.5 * recede)
        from_edge = up - (height - length) * 0.5 - 0.45 * squared * squared
        body = _soft(from_edge, 0.35) * np.clip((ends[-1] - side) / 1.5, 0, 1)
        shade = (1 - 0.26 * squared * squared - 0.1 * squared) * (1 - 0.55 * np.clip(side / ends[-1], 0, 1) ** 2)
        shade *= 0.93 + 0.07 * np.clip(from_edge / 3, 0, 1)
        shade *= 1 - 0.25 * np.clip((np.abs(across) - 0.93) / 0.07, 0, 1)
        in_gum = _soft(from_edge - length + 0.2 - 1.3 * squared, 0.5)[..., None]
        shade = shade[..., None]
        rgb = self._dark + (colour - self._dark) * shade
        rgb = rgb + (gum * (0.55 * shade + 0.3) - rgb) * in_gum
        return np.dstack([rgb * body[..., None], body])

    def tongue(self, top_y: float, colour: Array) -> Array:
        """A soft mound with a slight groove, premultiplied RGBA."""
        mound = top_y + 0.012 * self.x**2 + 0.5 * np.exp(-((self.x / 2.5) ** 2))
        depth = self.y - mound
        body = _soft(depth, 1.2) * np.clip((19 - np.abs(self.x)) / 3, 0, 1)
        shade = (0.78 + 0.22 * np.exp(-(((depth - 3) / 4) ** 2))) * (1 - 0.5 * (np.abs(self.x) / 19) ** 2)
        return np.dstack([colour * (shade * body)[..., None], body])

    def tip(self, top_y: float, colour: Array) -> Array:
        """The tip of a raised tongue, lit from the front, premultiplied RGBA."""
        side = np.abs(self.x) / TIP_HALF_WIDTH_MM
        depth = self.y - top_y - 5 * side**3
        body = _soft(depth, 1.2) * np.clip((1 - side) / 0.15, 0, 1)
        shade = (0.78 + 0.26 * np.exp(-(((depth - 3.5) / 3) ** 2))) * (1 - 0.35 * side**2)
        return np.dstack([colour * (shade * body)[..., None], body])

    def cavity(self, seam_y: float) -> Array:
        """Opaque dark red, darkest at the throat behind the upper teeth, lighter on cheeks and floor."""
        shade = 0.5 + 0.5 * np.clip(np.abs(self.x) / 24, 0, 1) + 0.45 * np.clip((self.y - seam_y) / 12, 0, 1)
        return np.dstack([self._dark * shade[..., None], np.ones_like(shade)])

    def finish(self, layer: Array, blur_px: float) -> Floats:
        """To the region's size and to the softness of the photo."""
        small = cv2.resize(layer.astype(np.float32), self._size, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.GaussianBlur(small, (0, 0), max(blur_px, 0.4)), np.float32)


def _soft(distance: Array, width: float) -> Array:
    """0 outside, 1 inside, a ramp of `width` between."""
    return np.clip(distance / width + 0.5, 0, 1)
