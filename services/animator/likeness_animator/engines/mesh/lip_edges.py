"""Where exactly the lips end in the photo: landmarks follow them only to some millimetres.

An open mouth is told from the flesh around it by colour: histograms of pixels that surely belong to one or the other
give every pixel a log-likelihood ratio, and the cheapest path along the mouth through its sums is the edge of a lip. Of
a closed mouth the darkest path is the line on which the lips meet. Dynamic programming (Viterbi) finds both paths,
pulled towards the landmarks, which alone decide where the photo says nothing.
"""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh.shape import CONTOUR_NODES, Array, FaceShape, Slit
from likeness_animator.engines.mesh.warp import Pixels, sample

OPEN_FROM_MM = 2.6
"""Landmarks of closed lips lie up to this far apart."""
STEP_MM = 0.25
BEYOND_MM = 6.0
"""How far outside the landmarks an edge is looked for."""
UPPER_TRUST_MM, LOWER_TRUST_MM = 1.5, 3.5
"""Landmarks err more below; and above, gums are hard to tell from a lip."""
STIFFNESS = 6.0
"""Cost of leaving the landmarks' shape by a millimetre from one node to the next."""
SEAM_TRUST_MM, SEAM_REACH_MM = 1.8, 3.5
SEAM_NODES = 21
BINS = 24
CERTAINTY = 2.5
"""No pixel counts for more than this log-likelihood ratio."""
CORNER_REACH_MM, CORNER_DARK = 5.0, 0.62


def fitted(photo: Pixels, shape: FaceShape) -> FaceShape:
    """The shape with the mouth's contours moved to where the frame-sized `photo` shows them.

    The lips keep their thickness: where landmarks miss an inner edge, they miss the outer one by as much.
    """
    mouth = shape.mouth
    if (mouth.lower - mouth.upper).max() > OPEN_FROM_MM:
        fitted_mouth = _open(photo, shape, _corners(photo, shape))
    else:
        seam = _seam(photo, shape)
        fitted_mouth = replace(mouth, upper=seam, lower=seam)
    s = mouth.along(fitted_mouth.nodes_x)
    return replace(
        shape,
        mouth=fitted_mouth,
        upper_lip=mouth.at(shape.upper_lip, s),
        lower_lip=mouth.at(shape.lower_lip, s),
    )


def _look(photo: Pixels, shape: FaceShape, x: Array, y: Array) -> Array:
    """YCrCb of the photo at face mm, (..., 3) float."""
    places = shape.frame.to_px(np.stack(np.broadcast_arrays(x, y), axis=-1)).astype(np.float32)
    rgb = sample(photo, places.reshape(places.shape[0], -1, 2)).reshape(*places.shape[:-1], 3)
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb), np.float64)


def _corners(photo: Pixels, shape: FaceShape) -> Slit:
    """The slit with its corners at the end of the dark that reaches beyond the landmarks."""
    mouth = shape.mouth
    reach = np.arange(0.0, CORNER_REACH_MM, STEP_MM)
    around = np.linspace(-1.5, 1.5, 7)[:, None]
    skin = float(np.median(_ring(photo, shape)[..., 0]))
    widths = []
    for side, width in ((-1, mouth.left_width), (1, mouth.right_width)):
        x = mouth.middle_x + side * (width + reach)
        luma = _look(photo, shape, x, mouth.upper[0 if side < 0 else -1] + around)[..., 0].min(axis=0)
        lit = np.flatnonzero(luma > CORNER_DARK * skin)
        widths.append(width + float(reach[lit[0]] if len(lit) else 0.0))
    # The old contours end before the new corners: they are stretched from corner to corner.
    return replace(mouth, left_width=widths[0], right_width=widths[1])


def _ring(photo: Pixels, shape: FaceShape) -> Array:
    """Skin and lips around the mouth that surely are not inside it."""
    mouth = shape.mouth
    s = np.linspace(-0.75, 0.75, 41)
    x = mouth.middle_x + np.where(s < 0, mouth.left_width, mouth.right_width) * s
    depths = np.linspace(0.45, 1.5, 12)[:, None]
    above = mouth.at(mouth.upper, s) - depths * mouth.at(shape.upper_lip, s)
    below = mouth.at(mouth.lower, s) + depths * mouth.at(shape.lower_lip, s)
    return _look(photo, shape, x, np.concatenate([above, below]))


def _open(photo: Pixels, shape: FaceShape, mouth: Slit) -> Slit:
    x = mouth.nodes_x
    middle = (mouth.upper + mouth.lower) / 2
    half = (mouth.lower - mouth.upper) / 2
    ratio = _colour_ratio(photo, shape, mouth)
    steps = np.arange(0, float(half.max()) + BEYOND_MM, STEP_MM)
    edges = []
    for side, trust in ((-1, UPPER_TRUST_MM), (1, LOWER_TRUST_MM)):
        inside = ratio(_look(photo, shape, x, middle + side * (steps[:, None] + STEP_MM / 2)))
        cost = -np.cumsum(inside, axis=0) * STEP_MM + ((steps[:, None] - half) / trust) ** 2
        cost[1:, [0, -1]] = np.inf
        edges.append(middle + side * _smooth(np.asarray(_path(cost, half) * STEP_MM, np.float64)))
    return replace(mouth, upper=edges[0], lower=edges[1])


def _colour_ratio(photo: Pixels, shape: FaceShape, mouth: Slit) -> Callable[[Array], Array]:
    """A function from YCrCb to the log-likelihood ratio of mouth against flesh."""
    s = np.linspace(-0.8, 0.8, 61)
    x = mouth.middle_x + np.where(s < 0, mouth.left_width, mouth.right_width) * s
    y = mouth.at(mouth.upper, s) + np.linspace(0.2, 0.7, 15)[:, None] * mouth.at(mouth.lower - mouth.upper, s)
    likelihoods = [_histogram(pixels) for pixels in (_look(photo, shape, x, y), _ring(photo, shape))]
    table = np.clip(np.log(likelihoods[0] / likelihoods[1]), -CERTAINTY, CERTAINTY)
    return lambda pixels: table[_bins(pixels)]


def _bins(pixels: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    luma = np.clip(pixels[..., 0] / 256 * BINS, 0, BINS - 1).astype(int)
    red = np.clip((pixels[..., 1] - 112) / 80 * BINS, 0, BINS - 1).astype(int)
    return luma, red


def _histogram(pixels: Array) -> Array:
    counts = np.zeros((BINS, BINS))
    np.add.at(counts, _bins(pixels), 1.0)
    smooth = cv2.GaussianBlur(counts, (0, 0), 1.2, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(smooth / smooth.sum() + 2e-3 / BINS)


def _seam(photo: Pixels, shape: FaceShape) -> Array:
    """The darkest line near the landmarks of closed lips."""
    mouth = shape.mouth
    x = mouth.nodes_x
    middle = (mouth.upper + mouth.lower) / 2
    steps = np.arange(-SEAM_REACH_MM, SEAM_REACH_MM, STEP_MM)
    luma = _look(photo, shape, x, middle + steps[:, None])[..., 0]
    contrast = (luma - luma.mean(axis=0)) / max(float(luma.std()), 1.0)
    cost = 2 * contrast + (steps[:, None] / SEAM_TRUST_MM) ** 2
    # The dip below the middle of the upper lip is no part of the lower one.
    return middle + _smooth(steps[_path(cost, np.zeros(CONTOUR_NODES))], SEAM_NODES)


def _path(cost: Array, expected: Array) -> NDArray[np.int64]:
    """For every column the row of the cheapest path, whose steps cost where they differ from `expected` (mm)."""
    rows, columns = cost.shape
    back = np.zeros((columns, rows), int)
    total = cost[:, 0]
    height = np.arange(rows) * STEP_MM
    for column in range(1, columns):
        bend = height[:, None] - height - (expected[column] - expected[column - 1])
        candidates = total + STIFFNESS * bend**2
        back[column] = candidates.argmin(axis=1)
        total = candidates.min(axis=1) + cost[:, column]
    path = np.zeros(columns, int)
    path[-1] = total.argmin()
    for column in range(columns - 1, 0, -1):
        path[column - 1] = back[column, path[column]]
    return path


def _smooth(line: Array, nodes: int = 7) -> Array:
    """Mean over an odd number of nodes; the ends stay where they are."""
    kernel = np.hanning(nodes + 2)[1:-1]
    more = nodes // 2
    padded = np.concatenate([2 * line[0] - line[more:0:-1], line, 2 * line[-1] - line[-2 : -2 - more : -1]])
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")
