"""The mouth at rest: where the lips of a portrait, smiling or open as it may be, lie when they are closed and relaxed.

All movements of the mouth are defined on this mouth, so that they look alike on every portrait; the field NEUTRAL
carries the photo to it.
"""

from dataclasses import dataclass

import numpy as np

from likeness_animator.engines.mesh.fields.curves import bell, smoothstep
from likeness_animator.engines.mesh.shape import CONTOUR_NODES, Array, FaceShape, Slit

WIDTH_MM = 52.0
"""Of a relaxed mouth (Farkas, "Anthropometry of the Head and Face", 1994: 50 mm in women, 54 mm in men)."""
NARROWING = 0.85
"""Share of what a smile is wider that it loses."""
UPPER_SHARE_OF_CLOSING = 0.6
SMILE_GAP_MM = 9.0
"""A mouth that is open further than this has its jaw lowered, too."""
CURVE_KEPT = 0.2
UPPER_FULLER, LOWER_FULLER = 0.25, 0.1
"""Lips that close from a smile are less stretched, and so less thin."""
HEIGHT_MM = 24.0
"""How far above and below the mouth its width reaches."""
CHIN_FOLLOWS = 0.8


@dataclass(frozen=True, slots=True)
class Rest:
    """Closed lips in face mm: `slit` has the seam as both contours; thickness and fading at the slit's nodes.

    reach_up, reach_down: how far above and below the seam a movement of the lips is felt.
    """

    slit: Slit
    upper_lip: Array
    lower_lip: Array
    reach_up: float
    reach_down: float
    chin: Array

    @property
    def seam(self) -> Array:
        """Y of the line on which the lips meet, at the slit's nodes."""
        return self.slit.upper

    def side(self, s: Array, y: Array) -> tuple[Array, Array]:
        """Distance above (negative below) the seam, and how much a point there follows a lip's edge, 0 to 1.

        The red of the lips follows fully, the skin beyond less and less.
        """
        above = self.slit.at(self.seam, s) - y
        up = _beyond(above, self.slit.at(self.upper_lip, s), self.reach_up)
        down = _beyond(-above, self.slit.at(self.lower_lip, s), self.reach_down)
        return above, np.where(above > 0, up, down)


def _beyond(distance: Array, lip: Array, reach: float) -> Array:
    return 1 - smoothstep((distance - 0.8 * lip) / (reach - 0.8 * lip))


def rest_of(shape: FaceShape) -> Rest:
    """Where a face's lips lie at rest."""
    mouth = shape.mouth
    half = CONTOUR_NODES // 2
    gap = min(float(mouth.lower[half] - mouth.upper[half]), SMILE_GAP_MM)
    middle = (mouth.upper + mouth.lower) / 2
    curve = (middle - middle[half]) * (1 - (1 - CURVE_KEPT) * shape.smile)
    seam = mouth.upper[half] + UPPER_SHARE_OF_CLOSING * gap + curve
    narrower = 1 - NARROWING * shape.smile * max(0.0, 1 - WIDTH_MM / mouth.width)
    slit = Slit(mouth.middle_x, narrower * mouth.left_width, narrower * mouth.right_width, seam, seam)
    bulge = np.sqrt(np.clip(1 - np.linspace(-1, 1, CONTOUR_NODES) ** 2, 0, 1)) * shape.smile
    return Rest(
        slit=slit,
        upper_lip=shape.upper_lip * (1 + UPPER_FULLER * bulge),
        lower_lip=shape.lower_lip * (1 + LOWER_FULLER * bulge),
        reach_up=float(seam[half]) - shape.nose_base_y,
        reach_down=0.8 * (float(shape.chin[1]) - float(seam[half])),
        chin=shape.chin,
    )


def inside(s: Array, above: Array, *, upper: bool) -> Array:
    """1 on the mouth's side of a lip's edge, where a layer must not fade; 0 beside the mouth."""
    hidden = above < 0 if upper else above > 0
    return hidden * smoothstep((1 - np.abs(s)) / 0.2)


def jaw_share(rest: Rest, half_width: float, points: Array) -> Array:
    """Share of the chin's drop, from 0 at the seam: a hinge near the ears seen from the front."""
    x, y = points[..., 0] - rest.chin[0], points[..., 1]
    seam = float(rest.seam[CONTOUR_NODES // 2])
    down = smoothstep((y - seam) / (0.85 * (rest.chin[1] - seam)))
    neck = 1 - smoothstep((y - rest.chin[1] - 3) / 34)
    return np.asarray(down * neck * bell(x / (0.8 * half_width)))


def to_rest(shape: FaceShape, rest: Rest, points: Array, *, upper: bool) -> Array:
    """The field NEUTRAL of one side of the mouth, (..., 2) mm."""
    mouth = shape.mouth
    s, y = mouth.along(points[..., 0]), points[..., 1]
    beyond = np.clip(np.abs(s) - 1, 0, None)
    field = np.zeros(points.shape)
    narrower = np.where(s < 0, rest.slit.left_width / mouth.left_width, rest.slit.right_width / mouth.right_width)
    around = np.exp(-2.2 * beyond**2) * bell((y - mouth.centre[1]) / HEIGHT_MM)
    field[..., 0] = (narrower - 1) * (points[..., 0] - mouth.middle_x) * around

    edge = mouth.at(mouth.upper if upper else mouth.lower, s)
    # Beside the mouth both sides must agree: there the contours meet, and so do the two distances.
    above = edge - y
    lip = mouth.at(shape.upper_lip, s), mouth.at(shape.lower_lip, s)
    fuller = mouth.at(rest.upper_lip, s) - lip[0], mouth.at(rest.lower_lip, s) - lip[1]
    up = _fade(above, lip[0], mouth.at(mouth.upper, s) - shape.nose_base_y)
    down = _fade(-above, lip[1], 0.85 * (shape.chin[1] - mouth.at(mouth.lower, s)))
    closing = (mouth.at(rest.seam, s) - edge) * bell(beyond / 0.6)
    outwards = np.where(
        above > 0,
        up * (closing - fuller[0] * np.clip(above / lip[0], 0, 1)),
        down * (closing + fuller[1] * np.clip(-above / lip[1], 0, 1)),
    )
    hidden = inside(s, above, upper=upper)
    field[..., 1] = outwards + (closing - outwards) * hidden
    excess = max(0.0, float((mouth.lower - mouth.upper)[CONTOUR_NODES // 2]) - SMILE_GAP_MM)
    if not upper or excess:
        below = 0.0 if upper else 1.0
        side = np.maximum(below, smoothstep((np.abs(s) - 0.8) / 0.2))
        field[..., 1] -= CHIN_FOLLOWS * excess * jaw_share(rest, shape.half_width, points) * side
    return field


def _fade(distance: Array, lip: Array, reach: Array) -> Array:
    return 1 - smoothstep((distance - 0.8 * lip) / np.maximum(reach - 0.8 * lip, 4.0))
