"""The 68 points: where the scheme puts them on the mesh, and that nothing but the face moves them."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator.engines.mesh import topology
from likeness_animator.portrait import PortraitAnalyser
from likeness_animator.portrait.landmarks68 import SOURCES, landmarks68

pytestmark = pytest.mark.unit

Points = NDArray[np.float64]
Pixels = NDArray[np.uint8]

SILHOUETTE_RIGHT = (162, 127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152)
SILHOUETTE_LEFT = (389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152)
BROWS_BELOW = (46, 53, 52, 65, 55), (285, 295, 282, 283, 276)
BRIDGE, BASE = (168, 6, 197, 195, 5, 4), (98, 97, 2, 326, 327)
MIRRORED = [
    *range(16, -1, -1),
    *range(26, 16, -1),
    *range(27, 31),
    *range(35, 30, -1),
    *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),
    *range(54, 47, -1),
    *range(59, 54, -1),
    *range(64, 59, -1),
    *(67, 66, 65),
]
"""Where every point goes in a mirror."""

PARTS = {
    "jaw": range(17),
    "brows": range(17, 27),
    "nose": range(27, 36),
    "eyes": range(36, 48),
    "lips": range(48, 68),
}
FIVE = [36, 39, 42, 45, 30, 48, 54]
"""What places the face for the networks."""


@pytest.fixture(scope="module")
def mesh(analyser: PortraitAnalyser, astronaut: Pixels, encode: Callable[..., bytes]) -> NDArray[np.float32]:
    return analyser.analyse(encode(astronaut)).landmarks


def test_points_lie_where_the_scheme_defines_them(mesh: NDArray[np.float32]) -> None:
    """Shares of contours, evaluated on the mesh itself. In % of the distance between the eyes' outer corners."""
    points = mesh[:, :2].astype(np.float64)
    off = 100 * np.linalg.norm(landmarks68(mesh) - defined(points), axis=1) / apart(points)
    mean = {part: float(off[list(indices)].mean()) for part, indices in PARTS.items()}
    limits = {"jaw": 3.0, "brows": 1.2, "nose": 1.0, "eyes": 0.5, "lips": 0.8}
    assert all(mean[part] <= limits[part] for part in PARTS), mean
    assert off[FIVE].max() == 0


def test_the_table_is_its_own_mirror_image() -> None:
    other = mirror_of_mesh()
    for index, source in enumerate(SOURCES):
        assert sorted(other[point] for point in source) == sorted(SOURCES[MIRRORED[index]]), index


@pytest.mark.parametrize(
    ("name", "limit"),
    [("half the size", 2.0), ("twice the size", 1.5), ("mirrored", 2.0), ("turned", 3.0), ("cut", 1.0)],
)
def test_what_is_done_to_the_photo_moves_the_points_along(
    name: str,
    limit: float,
    mesh: NDArray[np.float32],
    analyser: PortraitAnalyser,
    astronaut: Pixels,
    encode: Callable[..., bytes],
) -> None:
    """In % of the distance between the eyes' outer corners, in the mean over the points."""
    matrix, size = changes()[name]
    flags = cv2.INTER_AREA if name == "half the size" else cv2.INTER_CUBIC
    if name in ("half the size", "twice the size"):
        changed = cv2.resize(astronaut, size, interpolation=flags)
    else:
        changed = cv2.warpAffine(astronaut, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    found = landmarks68(analyser.analyse(encode(np.asarray(changed, np.uint8))).landmarks)
    expected = landmarks68(mesh) @ matrix[:, :2].T + matrix[:, 2]
    expected = expected[MIRRORED] if name == "mirrored" else expected
    off = 100 * np.linalg.norm(found - expected, axis=1) / np.linalg.norm(expected[36] - expected[45])
    assert off.mean() <= limit
    assert off[FIVE].mean() <= limit


def changes() -> dict[str, tuple[Points, tuple[int, int]]]:
    """Affine maps of the 512 pixel photo, and the size of what comes out."""
    turn = np.asarray(cv2.getRotationMatrix2D((224.0, 123.0), 12.0, 1.0), np.float64)
    return {
        "half the size": (np.array([[0.5, 0, -0.25], [0, 0.5, -0.25]]), (256, 256)),
        "twice the size": (np.array([[2.0, 0, 0.5], [0, 2.0, 0.5]]), (1024, 1024)),
        "mirrored": (np.array([[-1.0, 0, 511], [0, 1, 0]]), (512, 512)),
        "turned": (turn, (512, 512)),
        "cut": (np.array([[1.0, 0, -120], [0, 1, -10]]), (220, 230)),
    }


def defined(mesh: Points) -> Points:
    """The 68 points by the scheme's definition, on the contours of a mesh (468, 2)."""
    line = mesh[33], mesh[263]
    jaw = [along(_from_line(mesh[list(side)], line), 8) for side in (SILHOUETTE_RIGHT, SILHOUETTE_LEFT)]
    brows = zip((topology.RIGHT_BROW, topology.LEFT_BROW), BROWS_BELOW, strict=True)
    eyes = (
        (topology.RIGHT_EYE_UPPER, topology.RIGHT_EYE_LOWER),
        (topology.LEFT_EYE_UPPER, topology.LEFT_EYE_LOWER),
    )
    above, below = mesh[list(topology.LIPS_OUTER_UPPER)], mesh[list(topology.LIPS_OUTER_LOWER)]
    inside = mesh[list(topology.LIPS_INNER_UPPER)], mesh[list(topology.LIPS_INNER_LOWER)]
    return np.concatenate(
        [
            jaw[0],
            jaw[1][-2::-1],
            *(along((mesh[list(upper)] + mesh[list(lower)]) / 2, 4) for upper, lower in brows),
            along(mesh[list(BRIDGE)], 3),
            along(mesh[list(BASE)], 4),
            *(np.vstack([along(mesh[list(up)], 3), along(mesh[list(low)], 3)[2:0:-1]]) for up, low in eyes),
            # Corner, half way to the peak of the bow, peak, dip, and back down.
            np.vstack([above[0], along(above[:5], 2)[1], above[4:7], along(above[6:], 2)[1], above[10]]),
            along(below, 6)[5:0:-1],
            along(inside[0], 4),
            along(inside[1], 4)[3:0:-1],
        ]
    )


def along(contour: Points, parts: int) -> Points:
    """Points that divide a contour into `parts` of equal length, with both ends."""
    travelled = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(contour, axis=0), axis=1))])
    places = np.linspace(0, travelled[-1], parts + 1)
    return np.stack([np.interp(places, travelled, axis) for axis in contour.T], axis=1)


def _from_line(contour: Points, line: tuple[Points, Points]) -> Points:
    """A contour from where the line through the eyes' outer corners crosses it."""
    across = line[1] - line[0]
    height = (contour - line[0]) @ np.array([-across[1], across[0]])
    last = int(np.nonzero((height[:-1] < 0) & (height[1:] >= 0))[0][0])
    share = height[last] / (height[last] - height[last + 1])
    return np.vstack([contour[last] * (1 - share) + contour[last + 1] * share, contour[last + 1 :]])


def apart(mesh: Points) -> float:
    return float(np.linalg.norm(mesh[33] - mesh[263]))


def mirror_of_mesh() -> dict[int, int]:
    """Mirror images of the mesh points that contours hold."""
    pairs: list[tuple[Sequence[int], Sequence[int]]] = [
        (SILHOUETTE_RIGHT, SILHOUETTE_LEFT),
        (topology.RIGHT_BROW, topology.LEFT_BROW[::-1]),
        (BROWS_BELOW[0], BROWS_BELOW[1][::-1]),
        (topology.RIGHT_EYE_UPPER, topology.LEFT_EYE_UPPER[::-1]),
        (topology.RIGHT_EYE_LOWER, topology.LEFT_EYE_LOWER[::-1]),
        (BRIDGE, BRIDGE),
        (BASE, BASE[::-1]),
    ]
    lips = topology.LIPS_OUTER_UPPER, topology.LIPS_OUTER_LOWER, topology.LIPS_INNER_UPPER, topology.LIPS_INNER_LOWER
    pairs += [(contour, contour[::-1]) for contour in lips]
    both = [pair for one, other in pairs for pair in zip(one, other, strict=True)]
    return dict(both + [(right, left) for left, right in both])
