"""How much skin above an eye slides down with the lid."""

import cv2
import numpy as np

from likeness_animator.engines.mesh.shape import SPAN, Array, Eye, FaceFrame
from likeness_animator.engines.mesh.warp import Floats, Pixels, region_around, sample

SHARE_OF_BROW = 0.45
SHORTEST_MM, LONGEST_MM = 1.7, 8.0
SKIN_FROM_MM, SKIN_TO_MM = 1.6, 3.2
SEARCH_STEP_MM = 0.25
SKIN_MM = 1.2
DARK = 0.66
"""Brows and the rims of glasses are this much darker than the lid."""
CLEARANCE_MM = 0.8
BLUR_MM = 0.5


def fold_reach(photo: Pixels, frame: FaceFrame, eye: Eye) -> Array:
    """From the edge of the upper lid to where the skin holds still, in mm, along the eye (CONTOUR_NODES).

    A part of the way to the brow, but not beyond anything dark: the brow itself, or a rim of glasses.
    """
    reach = np.clip(SHARE_OF_BROW * (eye.slit.upper - eye.brow_y), SHORTEST_MM, LONGEST_MM)
    above = np.arange(SKIN_FROM_MM, LONGEST_MM + CLEARANCE_MM, SEARCH_STEP_MM)
    light = _light(photo, frame, eye, above)
    dark = light < DARK * np.median(light[above <= SKIN_TO_MM])
    # A crease or a lash is dark as well, but it starts at the lid, or hardly above it.
    dark &= np.cumsum(~dark, axis=0) * SEARCH_STEP_MM > SKIN_MM
    first = np.where(dark.any(axis=0), above[np.argmax(dark, axis=0)], np.inf) - CLEARANCE_MM
    lowest = cv2.erode(np.minimum(reach, first)[None], np.ones((1, 13)))[0]
    smooth = cv2.blur(lowest[None], (13, 1))[0]
    return np.asarray(np.maximum(smooth, SHORTEST_MM), np.float64)


def _light(photo: Pixels, frame: FaceFrame, eye: Eye, above: Array) -> Floats:
    """Brightness at heights `above` the upper lid (mm), (heights, CONTOUR_NODES)."""
    slit = eye.slit
    x = slit.middle_x + np.where(SPAN < 0, slit.left_width, slit.right_width) * SPAN
    points = np.stack([np.broadcast_to(x, (len(above), len(x))), slit.upper - above[:, None]], axis=-1)
    places = frame.to_px(points)
    sigma = max(0.5, BLUR_MM * frame.px_per_mm)
    near = region_around(places.reshape(-1, 2), 4 * sigma, photo.shape[1], photo.shape[0])
    grey = cv2.GaussianBlur(cv2.cvtColor(photo[near.window], cv2.COLOR_RGB2GRAY), (0, 0), sigma)
    return sample(np.asarray(grey, np.float32), (places - [near.x, near.y]).astype(np.float32))
