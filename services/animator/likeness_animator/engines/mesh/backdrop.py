"""The photo in two layers: the person, cut out, and what lies behind, going on where a moving head uncovers it."""

import cv2
import numpy as np

from likeness_animator.engines.mesh.warp import Floats, Pixels, sample

SEEN = 0.02
"""Share of the person from which on a pixel's colour says nothing of the background."""

MARGIN_MM = 3.5
"""Around that, traces of hair and its shadow, which would stay behind as a second outline."""

ROUNDING_MM = 3.0
"""The outline is mirrored at as if it were smooth: at each of its corners the background would be cut."""

MIRRORED_MM, PAINTED_MM = 4.0, 12.0
"""Depth behind the outline up to which there are shapes, and from which there are only colours and grain."""

GRAIN_MM, GRAIN_LEVELS = 1.5, 12.0
"""Finest texture, by its size and strength, that is there at any depth: without it the fill looks wiped."""

FILL_SIDE = 200
"""Of the small picture that is painted in; only deep inside the outline nothing finer is seen."""

STILL_SHARE = 0.12
"""Of the head's motion: what moves less uncovers nothing, and keeps the background that the photo shows."""


class Backdrop:
    """Both layers of one region of the frame.

    `cut_out` (height, width, 4): the person as premultiplied RGBA, uint8, to be moved and then given to `lay_under`.
    """

    def __init__(self, photo: Pixels, source: Pixels, person: Floats, moving: Floats, px_per_mm: float) -> None:
        """From the RGB photo, and what of it is to be moved, (height, width, 3); shares of (height, width).

        `person` is their share of every pixel, `moving` the share of the head's motion that it follows.
        """
        hole, fill = uncovered(photo, person, px_per_mm)
        hole *= np.clip(moving / STILL_SHARE, 0, 1)
        behind = np.rint(photo + (fill - photo) * hole[..., None])
        alpha = np.rint(255 * person)
        # Without the light of the background, so that both layers add up to the photo.
        colours = np.clip(source - (1 - person[..., None]) * behind, 0, alpha[..., None])
        self.cut_out = _rgba(colours, alpha)
        self._plate = _rgba(behind, np.full_like(alpha, 255))

    def lay_under(self, person: Pixels) -> None:
        """Put the background behind a premultiplied RGBA picture of the region, in place.

        Spans where both layers can show would be half of the pixels, but cost as much as all of them at once.
        """
        left = cv2.bitwise_not(cv2.extractChannel(person, 3))
        cv2.add(person, cv2.multiply(self._plate, cv2.merge([left] * 4), scale=1 / 255), dst=person)


def _rgba(colours: Floats, alpha: Floats) -> Pixels:
    return np.ascontiguousarray(np.rint(np.dstack([colours, alpha])).astype(np.uint8))


def uncovered(photo: Pixels, person: Floats, px_per_mm: float) -> tuple[Floats, Floats]:
    """Where the background is not seen, 0 to 1 (height, width), and a picture of what may be there.

    Near the outline the background is mirrored at it, which keeps its texture and goes on from its edges. Deeper, where
    that would repeat things, it is painted in from all around (Telea, "An Image Inpainting Technique Based on the Fast
    Marching Method", 2004).
    """
    margin = MARGIN_MM * px_per_mm
    hole = _hole(person, margin, ROUNDING_MM * px_per_mm)
    if hole.all():
        return np.ones_like(person), photo.astype(np.float32)
    depth = cv2.distanceTransform(hole, cv2.DIST_L2, 5)
    painted = np.where(hole[..., None] > 0, _painted(photo, hole), photo)
    places = cv2.GaussianBlur(_reflections(hole), (0, 0), ROUNDING_MM / 2 * px_per_mm)
    mirrored = sample(painted, np.asarray(places, np.float32))
    smooth = np.clip((depth / px_per_mm - MIRRORED_MM) / (PAINTED_MM - MIRRORED_MM), 0, 1)[..., None]
    grain = cv2.subtract(mirrored, cv2.GaussianBlur(mirrored, (0, 0), GRAIN_MM * px_per_mm), dtype=cv2.CV_32F)
    colours = np.clip(painted + np.clip(grain, -GRAIN_LEVELS, GRAIN_LEVELS), 0, 255)
    fill = mirrored + (colours - mirrored) * smooth
    return np.clip(depth / margin, 0, 1), np.asarray(fill, np.float32)


def _hole(person: Floats, margin: float, rounding: float) -> Pixels:
    """1 on the person and within `margin` of it, in pixels; its corners are filled."""
    around = cv2.distanceTransform((person <= SEEN).astype(np.uint8), cv2.DIST_L2, 5) <= margin
    rounded = cv2.GaussianBlur(around.astype(np.float32), (0, 0), rounding) > 0.4
    return (around | rounded).astype(np.uint8)


def _painted(photo: Pixels, hole: Pixels) -> Pixels:
    """The photo with the hole painted in, smooth there."""
    height, width = hole.shape
    scale = min(1.0, FILL_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    inside = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    small = cv2.inpaint(small, inside.astype(np.uint8), 3, cv2.INPAINT_TELEA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _reflections(hole: Pixels) -> Floats:
    """For every pixel of the hole its mirror image at the nearest outline; for others their own place (x, y)."""
    _, labels = cv2.distanceTransformWithLabels(hole, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    rows, columns = np.indices(hole.shape, np.float32)
    own = np.dstack([columns, rows])
    nearest = np.zeros((int(labels.max()) + 1, 2), np.float32)
    nearest[labels[hole == 0]] = own[hole == 0]
    return np.asarray(2 * nearest[labels] - own, np.float32)
