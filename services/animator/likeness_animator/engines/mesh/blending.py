"""Blending of RGB pictures, float32 of 0 to 255.

cv2 is used throughout: NumPy takes three to four times as long where one channel is spread over three.
"""

import cv2
import numpy as np

from likeness_animator.engines.mesh.warp import Floats, Pixels


def rgb(picture: Pixels | Floats) -> Floats:
    """The colours of an RGBA picture."""
    return cv2.cvtColor(picture, cv2.COLOR_RGBA2RGB).astype(np.float32, copy=False)


def blend(under: Floats, above: Floats, cover: Floats) -> Floats:
    """`above` over `under`, both (height, width, 3), as far as `cover` (height, width), 0 to 1, says."""
    return np.asarray(cv2.add(under, cv2.multiply(cv2.subtract(above, under), _spread(cover))), np.float32)


def lay_over(under: Floats, layer: Floats, amount: float) -> Floats:
    """A layer of premultiplied RGBA (alpha 0 to 1) over `under`, weakened to `amount`."""
    left = 1 - cv2.extractChannel(layer, 3) * np.float32(amount)
    return np.asarray(cv2.scaleAdd(rgb(layer), amount, cv2.multiply(under, _spread(left))), np.float32)


def _spread(single: Floats) -> Floats:
    return np.asarray(cv2.cvtColor(single, cv2.COLOR_GRAY2RGB), np.float32)
