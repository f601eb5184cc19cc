"""The 68 facial points of the iBUG 300-W scheme, from the points of the face mesh.

Source of the scheme: Sagonas et al., "300 Faces in-the-Wild Challenge" (2013). Counted from 0: jaw 0-16, brows 17-26,
bridge of the nose 27-30, its base 31-35, eyes 36-47, outer lips 48-59, inner lips 60-67; from the left of an upright
picture to its right, eyes and lips clockwise from their left corner.
"""

import numpy as np
from numpy.typing import NDArray

_JAW = ((127, 162), (234,), (93,), (58, 132), (58, 172), (136,), (149, 150), (148, 176), (152,))
"""From the ear at the height of the eyes to the chin, at equal distances along the silhouette."""
_JAW_LEFT = ((377, 400), (378, 379), (365,), (288, 397), (288, 361), (323,), (454,), (356, 389))
_BROWS = (
    (46, 70),
    (52, 63),
    (65, 105),
    (52, 107),
    (55, 107),
    (285, 336),
    (282, 336),
    (295, 334),
    (282, 293),
    (276, 300),
)
"""Along the middle of the brow."""
_NOSE = ((168,), (197,), (5, 195), (4,), (98,), (97,), (2,), (326,), (327,))
_EYES = ((33,), (159, 160), (157, 158), (133,), (153,), (144,), (362,), (384, 385), (386, 387), (263,), (373,), (380,))
"""Corners, and lids at a third and two thirds."""
_OUTER_LIPS = ((61,), (39, 40), (37,), (0,), (267,), (269, 270), (291,), (321,), (314, 405), (17,), (84, 181), (91,))
"""Above, corners, peaks and the dip between them; below, six equal parts."""
_INNER_LIPS = ((78,), (81,), (13,), (311,), (308,), (402,), (14,), (178,))
SOURCES = _JAW + _JAW_LEFT + _BROWS + _NOSE + _EYES + _OUTER_LIPS + _INNER_LIPS
"""For each of the 68 points, the mesh points whose middle it is."""

_FIRST = np.array([source[0] for source in SOURCES])
_LAST = np.array([source[-1] for source in SOURCES])


def landmarks68(mesh: NDArray[np.float32]) -> NDArray[np.float64]:
    """The 68 points (x, y) of a face, (68, 2), from its mesh (at least 468, 2 or 3), in the same pixels."""
    points = mesh[:, :2].astype(np.float64)
    middle: NDArray[np.float64] = (points[_FIRST] + points[_LAST]) / 2
    return middle
