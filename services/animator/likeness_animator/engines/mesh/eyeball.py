"""The ball of an eye that turns under its lids."""

import cv2
import numpy as np

from likeness_animator.engines.mesh.fields import smoothstep
from likeness_animator.engines.mesh.shape import Array, Eye, FaceFrame
from likeness_animator.engines.mesh.warp import Pixels, Region, pixel_places, region_around, sample, to_rgba

RIGID_IRIS, FREE_IRIS = 1.15, 2.3
"""In radii of the iris: what turns with it as one, and where the corners of the eye hold still."""
MARGIN_MM = 2.5
RINGS, IRIS_SHARE = 5, 0.85
"""The iris goes on under the lids to that share of its radius: a rim that is not there would show as a dark arc."""
EDGE = 0.15
"""In widths of a soft edge: so far beyond the edges of the lids, the photo is what shows at rest."""


class Eyeball:
    """What the opening of an eye can show in any pose, over `region` of the photo."""

    def __init__(self, photo: Pixels, frame: FaceFrame, eye: Eye, soft_mm: float) -> None:
        slit = eye.slit
        left, right = slit.middle_x - slit.left_width, slit.middle_x + slit.right_width
        top, bottom = float(slit.upper.min()) - MARGIN_MM, float(slit.lower.max()) + MARGIN_MM
        self.region = region_around(frame.corners_px(left, top, right, bottom), 1.0, photo.shape[1], photo.shape[0])
        points = frame.to_mm(pixel_places(self.region))
        self._picture = _without_lids(photo, frame, points, eye, EDGE * soft_mm)
        self._places = pixel_places(Region(0, 0, self.region.width, self.region.height)).astype(np.float32)
        away = np.hypot(points[..., 0] - eye.iris[0], points[..., 1] - eye.iris[1]) / eye.iris_radius
        turning = 1 - smoothstep((away - RIGID_IRIS) / (FREE_IRIS - RIGID_IRIS))
        across, down = frame.vectors_to_px(np.eye(2))
        self._right, self._down = (np.asarray(turning[..., None] * way, np.float32) for way in (across, down))

    def turned(self, right_mm: float, down_mm: float) -> Pixels:
        """The ball with its iris moved so far, (height, width, 4)."""
        places = cv2.scaleAdd(self._right, -right_mm, self._places)
        return sample(self._picture, np.asarray(cv2.scaleAdd(self._down, -down_mm, places), np.float32))


def _without_lids(photo: Pixels, frame: FaceFrame, points: Array, eye: Eye, edge_mm: float) -> Pixels:
    """The photo without lids: the iris goes on as its rings do where they show, the white as where it ends."""
    slit = eye.slit
    x, y = points[..., 0], points[..., 1]
    s = slit.along(x)
    low, high = slit.at(slit.upper, s) - edge_mm, slit.at(slit.lower, s) + edge_mm
    ball = sample(photo, frame.to_px(np.stack([x, np.clip(y, low, high)], axis=-1)).astype(np.float32))
    radius = np.hypot(x - eye.iris[0], y - eye.iris[1]) / eye.iris_radius
    covered = (y < low) | (y > high)
    seen, hidden = (radius < 1) & ~covered, (radius < IRIS_SHARE) & covered
    if seen.any():
        ball[hidden] = _rings(ball[seen], radius[seen], radius[hidden])
    return to_rgba(ball)


def _rings(pixels: Pixels, radii: Array, wanted: Array) -> Pixels:
    """Colours of the iris at `wanted` radii, (m, 3), from pixels (n, 3) at `radii`; medians leave reflections out."""
    ring = np.minimum((radii * RINGS).astype(int), RINGS - 1)
    known = np.unique(ring)
    colours = np.array([np.median(pixels[ring == number], axis=0) for number in known])
    smooth = np.stack([np.interp(wanted * RINGS - 0.5, known, channel) for channel in colours.T], axis=-1)
    return np.asarray(smooth.round(), np.uint8)
