"""The eyes of a portrait, redrawn in the photo before the face is moved: eyeballs turn, lids slide over them.

Skin is moved by fields that add up, like those of the face. It stretches from a lid's edge to the fold above it, or to
the cheek below, and beyond that nothing moves, so that brows and glasses stay where they are. Lids that shut bring new
skin along.
"""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh.eyeball import Eyeball
from likeness_animator.engines.mesh.lids import LidPlaces, lid_cover, places_on, shut_lid
from likeness_animator.engines.mesh.pose import Pose
from likeness_animator.engines.mesh.shape import Array, Eye, FaceShape
from likeness_animator.engines.mesh.softness import edge_width
from likeness_animator.engines.mesh.warp import Floats, Pixels, Region, pixel_places, region_around, sample, to_rgba

SIDE_MM, ABOVE_MM, CHEEK_MM = 6.0, 9.0, 8.0
LASH_MM = 1.0
MEET_ABOVE_LOWER = 0.13
"""Of the opening: the lower lid comes up to meet the upper one, which covers its edge."""
MIDDLE = 0.55
"""Of the opening: neither lid of the photo comes so far."""
USUAL_OPENING_MM = 9.0
UPPER_FOLLOWS, LOWER_FOLLOWS = 0.75, 0.35
"""Of the eye's vertical motion."""
UPPER_NARROWS_MM, LOWER_NARROWS_MM, UPPER_WIDENS_MM = 0.9, 1.5, 0.9
NEW_SKIN_BY, MOST_STRETCH_MM = 0.25, 2.5
"""Up to that blink the skin above the eye stretches, and new skin takes its place."""
STEP_MM, STEP_PX, STEPS = 0.05, 0.125, 64
"""Eyes move in steps too small to see (of the gaze; STEPS of a blink), so that most frames find theirs drawn."""
REMEMBERED = 8


class EyePatch:
    """One eye, with its lids. `draw` paints it into the photo."""

    def __init__(self, source: Pixels, shape: FaceShape, eye: Eye, sigma: float) -> None:
        """From the frame as it is to be drawn into, (height, width, 4) uint8 premultiplied RGBA."""
        frame = shape.frame
        photo = np.asarray(cv2.cvtColor(source, cv2.COLOR_RGBA2RGB), np.uint8)
        self.region = _region(photo, shape, eye)
        skin = photo[self.region.window]
        soft_mm = edge_width(sigma) / frame.px_per_mm
        on = places_on(photo, frame, eye, frame.to_mm(pixel_places(self.region)))
        self._skin = np.ascontiguousarray(source[self.region.window])
        self._lid = to_rgba(shut_lid(skin, on, frame.px_per_mm, soft_mm))
        cover = lid_cover(skin, on, frame.px_per_mm)
        self._covered = _window(cover > 0)
        self._lid_cover = np.ascontiguousarray(cover[self._covered])
        self._ball = Eyeball(photo, frame, eye, soft_mm)
        self._opening = self._ball.region.inside(self.region).window
        self._places = _floats(pixel_places(Region(0, 0, self.region.width, self.region.height)))
        narrow = min(1.0, float((eye.slit.lower - eye.slit.upper).max()) / USUAL_OPENING_MM)
        way, meet = narrow * np.clip(1 - on.along**2, 0, None), MEET_ABOVE_LOWER * on.opening
        # Motion is a sum of fields, by how far the upper and the lower lid are down (mm), the stretch and the blink.
        above, below = _giving_way(on)
        down = frame.vectors_to_px(np.array([0.0, 1.0]))
        moves = (above * way, below * way, above * on.to_shut, -below * meet)
        self._skin_moves = [_floats(-move[..., None] * down) for move in moves]
        self._lid_moves = [_floats(move[self._covered][..., None] * down) for move in (-way, on.to_shut)]
        # The same for how far the eye is open under each lid, in widths of its soft edge.
        self._open = [_floats(edge / soft_mm + 0.5) for edge in (-on.above, -on.below)]
        self._open_moves = [[_floats(move / soft_mm) for move in lid] for lid in ((-way, -on.to_shut), (way, -meet))]
        self._most_open = _floats(np.clip(on.opening / soft_mm, 0, 1))
        self._step = max(STEP_MM, STEP_PX / frame.px_per_mm)
        self._drawn = lru_cache(maxsize=REMEMBERED)(self._paint)

    def draw(self, pose: Pose, out: Pixels) -> None:
        """Paint the eye over the region's pixels of the photo, (height, width, 4), in place."""
        gaze = round(pose.gaze_x / self._step), round(pose.gaze_y / self._step)
        out[...] = self._drawn(round(pose.blink * STEPS), round(pose.lids * STEPS), *gaze)

    def _paint(self, blink_step: int, lids_step: int, x_step: int, y_step: int) -> Pixels:
        """The eye in a pose given in whole steps."""
        blink, x, y = blink_step / STEPS, x_step * self._step, y_step * self._step
        upper, lower = _awake(blink, lids_step / STEPS, y)
        stretch = min(blink, NEW_SKIN_BY)
        face = sample(self._skin, _moved(self._places, self._skin_moves, (upper, lower, stretch, blink)))
        under_upper = _moved(self._open[0], self._open_moves[0], (upper, blink))
        under_lower = _moved(self._open[1], self._open_moves[1], (lower, blink))
        shown = np.maximum(np.minimum(np.minimum(under_upper, under_lower), self._most_open), 0)[self._opening]
        face[self._opening] = cv2.blendLinear(self._ball.turned(x, y), face[self._opening], shown, 1 - shown)
        if blink > 0:
            lid = sample(self._lid, _moved(self._places[self._covered], self._lid_moves, (upper, 1 - blink)))
            cover = np.clip(1 - under_upper[self._covered], 0, stretch / NEW_SKIN_BY) * self._lid_cover
            face[self._covered] = cv2.blendLinear(lid, face[self._covered], cover, 1 - cover)
        face.flags.writeable = False
        return face


def _region(photo: Pixels, shape: FaceShape, eye: Eye) -> Region:
    slit = eye.slit
    left, right = slit.middle_x - slit.left_width - SIDE_MM, slit.middle_x + slit.right_width + SIDE_MM
    top, bottom = float(slit.upper.min()) - ABOVE_MM, float(slit.lower.max()) + CHEEK_MM + 1
    return region_around(shape.frame.corners_px(left, top, right, bottom), 2.0, photo.shape[1], photo.shape[0])


def _window(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Rows and columns around all that is set."""
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return slice(y, y + height), slice(x, x + width)


def _awake(blink: float, lids: float, gaze_down: float) -> tuple[float, float]:
    """How far the lids are down in mm, the upper one and the lower one, beside what the blink does."""
    narrowed, widened = max(lids, 0.0), max(-lids, 0.0)
    upper = UPPER_FOLLOWS * gaze_down + UPPER_NARROWS_MM * narrowed - UPPER_WIDENS_MM * widened
    return (1 - blink) * upper, (1 - blink) * (LOWER_FOLLOWS * gaze_down - LOWER_NARROWS_MM * narrowed)


def _moved(rest: Floats, moves: Sequence[Floats], weights: Sequence[float]) -> Floats:
    moved = rest
    for move, weight in zip(moves, weights, strict=True):
        if weight:
            moved = np.asarray(cv2.scaleAdd(move, weight, moved, dst=None if moved is rest else moved), np.float32)
    return moved


def _giving_way(on: LidPlaces) -> tuple[Array, Array]:
    """What share of the way of the upper and of the lower lid the skin of the photo goes, 0 to 1, each on its side."""
    is_upper = on.above > -MIDDLE * on.opening
    above = _share(on.reach - on.above, on.reach - LASH_MM)
    below = _share(CHEEK_MM - on.below, np.full_like(on.reach, CHEEK_MM - LASH_MM))
    return np.where(is_upper, above, 0), np.where(is_upper, 0, below)


def _share(beyond: Array, length: Array) -> Array:
    """The share `beyond` mm from the still end of skin that is `length` mm long.

    It gives way at its still end as far as it can without folding where its moving end goes MOST_STRETCH_MM.
    """
    near_end = np.minimum(0.9 * length / MOST_STRETCH_MM, 1)
    t = np.clip(beyond / (length + MOST_STRETCH_MM), 0, 1)
    return np.asarray(t * (1 + near_end * (1 - t)))


def _floats(values: Array) -> Floats:
    return np.ascontiguousarray(values, np.float32)
