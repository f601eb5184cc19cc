"""The 68 facial points of the iBUG 300-W scheme, from the points of the face mesh.

Source of the scheme: Sagonas et al., "300 Faces in-the-Wild Challenge" (2013). Counted from 0: jaw 0-16, brows 17-26,
bridge of the nose 27-30, its base 31-35, eyes 36-47, outer lips 48-59, inner lips 60-67; from the left of an upright
picture to its right, eyes and lips clockwise from their left corner.
"""

import numpy as np
from numpy.typing import NDArray

_JAW = ((127,), (234, 93), (132,), (58,), (172, 136), (150,), (176,), (148,), (152,))
"""From the ear to the chin; the other half mirrors it."""
_JAW_LEFT = ((377,), (400,), (379,), (397, 365), (288,), (361,), (454, 323), (356,))
_BROWS = ((70,), (63,), (105,), (66,), (107,), (336,), (296,), (334,), (293,), (300,))
_NOSE = ((168,), (197,), (5,), (1, 4), (98,), (97,), (2,), (326,), (327,))
_EYES = ((33,), (160,), (158,), (133,), (153,), (144,), (362,), (385,), (387,), (263,), (373,), (380,))
_OUTER_LIPS = ((61,), (39,), (37,), (0,), (267,), (269,), (291,), (405,), (314,), (17,), (84,), (181,))
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
