"""The inside of the mouth, drawn: a dark cavity, teeth, and a tongue.

Upper teeth are fixed to the skull, lower teeth and tongue to the jaw. Everything is drawn once per portrait at four
times the size, then only shifted and shaded. Tooth widths are textbook means of adult teeth (Wheeler, "Dental Anatomy,
Physiology and Occlusion"), foreshortened along the dental arch.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from likeness_animator.engines.mesh import fields
from likeness_animator.engines.mesh.shape import Array, FaceShape
from likeness_animator.engines.mesh.warp import Pixels, Region, sample

UPPER_TEETH_MM = (8.5, 6.4, 6.0, 4.2, 2.8, 1.8)
LOWER_TEETH_MM = (5.2, 5.6, 5.4, 4.4, 3.0, 2.0)
UPPER_HEIGHT_MM, LOWER_HEIGHT_MM = 10.0, 8.5
UPPER_EDGE_MM = 2.2
"""The edge of the upper teeth lies this far below the line on which the lips meet."""
LOWER_EDGE_MM = 0.2
TONGUE_TOP_MM = -2.5
SUPERSAMPLE = 4
DEFAULT_TEETH = np.array([222.0, 212.0, 196.0])
CAVITY = np.array([46.0, 17.0, 17.0])
TONGUE = np.array([158.0, 82.0, 80.0])
GUM = np.array([168.0, 92.0, 92.0])


@dataclass(frozen=True, slots=True)
class Interior:
    """Pictures of the mouth region in the position of a closed mouth.

    cavity: (height, width, 3) uint8. upper, lower, tongue: (height, width, 4) uint8, premultiplied alpha.
    """

    cavity: Pixels
    upper: Pixels
    lower: Pixels
    tongue: Pixels


def draw(photo: Pixels, region: Region, shape: FaceShape, blur_px: float) -> Interior:
    """Draw everything in the light of the photo; `blur_px` is the softness of the photo."""
    canvas = _Canvas(region, shape)
    light = _light(photo, shape)
    teeth = _teeth_colour(photo, shape, light)
    seam = fields.seam_y(shape)
    upper = canvas.teeth(UPPER_TEETH_MM, UPPER_HEIGHT_MM, seam + UPPER_EDGE_MM, teeth, GUM * light, upwards=True)
    lower_colour = teeth * 0.86
    lower = canvas.teeth(
        LOWER_TEETH_MM, LOWER_HEIGHT_MM, seam + LOWER_EDGE_MM, lower_colour, GUM * light, upwards=False
    )
    tongue = canvas.tongue(seam + TONGUE_TOP_MM, TONGUE * light * 0.8)
    cavity = canvas.cavity(seam, CAVITY * light)
    return Interior(cavity, *(canvas.finish(layer, blur_px) for layer in (upper, lower, tongue)))


def _light(photo: Pixels, shape: FaceShape) -> float:
    """How bright the photo's skin is around the mouth, against a well lit face."""
    samples = []
    for x, y in ((-24.0, -18.0), (24.0, -18.0), (0.0, 14.0)):
        place = shape.frame.to_px(shape.mouth.centre + np.array([x, y]))
        column, row = np.clip(place.round().astype(int), 0, [photo.shape[1] - 1, photo.shape[0] - 1])
        samples.append(photo[row, column].mean())
    # Skin differs in tone as well as in light: teeth follow only partly.
    return float(np.clip(0.45 + 0.55 * np.median(samples) / 185.0, 0.3, 1.1))


def _teeth_colour(photo: Pixels, shape: FaceShape, light: float) -> Array:
    """The photo's own teeth where it shows them, else ivory in the photo's light."""
    mouth = shape.mouth
    gap = mouth.lower - mouth.upper
    expected = DEFAULT_TEETH * light
    if gap.max() < 3.0:
        return expected
    s = np.linspace(-0.6, 0.6, 25)
    rows = np.linspace(0.25, 0.85, 9)[:, None]
    y = mouth.at(mouth.upper, s) + rows * mouth.at(gap, s)
    x = np.broadcast_to(mouth.middle_x + s * mouth.width / 2, y.shape)
    places = shape.frame.to_px(np.stack([x, y], axis=-1)).astype(np.float32)
    seen = sample(photo, places).reshape(-1, 3).astype(np.float64)
    bright = seen[seen.mean(axis=1) >= np.quantile(seen.mean(axis=1), 0.7)].mean(axis=0)
    # A tongue or a lip caught by the landmarks is too red or too dark to be a tooth.
    plausible = bright.mean() > 0.6 * expected.mean() and bright[0] - bright[2] < 0.3 * bright[0]
    return bright if plausible else expected


class _Canvas:
    """Draws in face mm onto the mouth region, four times enlarged."""

    def __init__(self, region: Region, shape: FaceShape) -> None:
        self.size = (region.height, region.width)
        across = np.arange(region.width * SUPERSAMPLE) / SUPERSAMPLE + region.x - 0.375
        down = np.arange(region.height * SUPERSAMPLE) / SUPERSAMPLE + region.y - 0.375
        points = shape.frame.to_mm(np.stack(np.meshgrid(across, down), axis=-1))
        self.x = points[..., 0] - shape.mouth.middle_x
        self.y = points[..., 1]

    def teeth(
        self, widths: tuple[float, ...], height: float, edge_y: float, colour: Array, gum: Array, *, upwards: bool
    ) -> Array:
        """One dental arch, float premultiplied RGBA."""
        ends = np.cumsum(widths)
        side = np.abs(self.x)
        tooth = np.clip(np.searchsorted(ends, side), 0, len(widths) - 1)
        width = np.array(widths)[tooth]
        centre = (ends - np.array(widths) / 2)[tooth]
        across = (side - centre) / (width / 2)
        # The arch recedes: teeth further back end higher and lie in shade. Laterals are a little shorter.
        length = height * np.array([1.0, 0.93, 1.0, 0.9, 0.85, 0.8])[tooth]
        recede = 0.0035 * side**2
        up = (edge_y - recede - self.y) if upwards else (self.y - edge_y - 0.5 * recede)
        from_edge = up - (height - length) * 0.5 - 0.45 * across**4
        body = np.clip(from_edge / 0.35 + 0.5, 0, 1) * np.clip((ends[-1] - side) / 1.5, 0, 1)
        shade = 1 - 0.26 * np.abs(across) ** 5 - 0.10 * across**2
        shade *= 1 - 0.8 * np.clip(side / ends[-1], 0, 1) ** 1.6
        shade *= 0.93 + 0.07 * np.clip(from_edge / 3.0, 0, 1)
        gap = np.clip((np.abs(across) - 0.93) / 0.07, 0, 1)
        shade *= 1 - 0.25 * gap
        rgb = CAVITY + (colour - CAVITY) * shade[..., None]
        gum_line = length - 0.2 + 1.3 * np.abs(across) ** 2
        in_gum = np.clip((from_edge - gum_line) / 0.5 + 0.5, 0, 1)[..., None]
        rgb = rgb * (1 - in_gum) + gum * (0.55 * shade + 0.3)[..., None] * in_gum
        return np.dstack([rgb * body[..., None], body * 255])

    def tongue(self, top_y: float, colour: Array) -> Array:
        """A soft mound with a slight groove, float premultiplied RGBA."""
        mound = top_y + 0.012 * self.x**2 + 0.5 * np.exp(-((self.x / 2.5) ** 2))
        depth = self.y - mound
        body = np.clip(depth / 1.2 + 0.5, 0, 1) * np.clip((19 - np.abs(self.x)) / 3, 0, 1)
        shade = (0.62 + 0.38 * np.exp(-(((depth - 3.0) / 4.0) ** 2))) * (1 - 0.5 * (np.abs(self.x) / 19) ** 2)
        return np.dstack([colour * (shade * body)[..., None], body * 255])

    def cavity(self, seam_y: float, colour: Array) -> Pixels:
        """Dark red, darker at the back and towards the throat."""
        x, y = (axis[::SUPERSAMPLE, ::SUPERSAMPLE] for axis in (self.x, self.y - seam_y))
        shade = 0.55 + 0.45 * np.clip(np.abs(x) / 24, 0, 1) + 0.15 * np.clip(y / 12, 0, 1)
        return np.clip(colour * shade[..., None], 0, 255).astype(np.uint8)

    def finish(self, layer: Array, blur_px: float) -> Pixels:
        """To region size and to the softness of the photo."""
        small = cv2.resize(layer, self.size[::-1], interpolation=cv2.INTER_AREA)
        soft = cv2.GaussianBlur(small, (0, 0), max(blur_px, 0.4))
        return np.clip(soft.round(), 0, 255).astype(np.uint8)
