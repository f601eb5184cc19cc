"""The result of portrait analysis that engines draw from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from likeness_animator.portrait.matte import Matte
from likeness_common.media import Portrait

MESH = slice(0, 468)
IRIS_RIGHT = slice(468, 473)
IRIS_LEFT = slice(473, 478)
"""Iris points follow the 468 face mesh points: centre, then the rim at image right, top, image left and bottom.

Right and left are the subject's, as in MediaPipe: the right eye has its corners at landmarks 33 and 133.
"""


@dataclass(frozen=True, slots=True)
class AnalysedPortrait:
    """An upright RGB picture and the 478 landmarks of the face that will speak.

    image: (height, width, 3) uint8, sRGB, longest side at most 4096; `info` gives width and height of this array.
    landmarks: (478, 3) float32; x right and y down in pixels of `image`, z in the same unit, negative towards the
    camera, in the topology of MediaPipe Face Mesh.
    matte: where the person is; None where person and background could not be told apart.
    """

    info: Portrait
    image: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    matte: Matte | None = None
