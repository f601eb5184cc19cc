"""Which of the 478 landmarks outline what.

Indices are those of the MediaPipe Face Mesh topology, read off its published canonical face model. Every contour runs
from the left of an upright picture to its right, so "right" is the subject's right.
"""

LIPS_INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LIPS_INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
LIPS_OUTER_UPPER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LIPS_OUTER_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)

RIGHT_EYE_UPPER = (33, 246, 161, 160, 159, 158, 157, 173, 133)
RIGHT_EYE_LOWER = (33, 7, 163, 144, 145, 153, 154, 155, 133)
RIGHT_BROW = (70, 63, 105, 66, 107)
LEFT_EYE_UPPER = (362, 398, 384, 385, 386, 387, 388, 466, 263)
LEFT_EYE_LOWER = (362, 382, 381, 380, 374, 373, 390, 249, 263)
LEFT_BROW = (336, 296, 334, 293, 300)

NOSE_TIP = 1
NOSE_BASE = 2
FOREHEAD_TOP = 10
CHIN = 152
CHEEK_RIGHT = 234
CHEEK_LEFT = 454
