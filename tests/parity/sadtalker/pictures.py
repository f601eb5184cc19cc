"""Pictures against those of the reference implementation.

A share of the motion mask just at its threshold may fall on either side of it, which moves single voxels; hence two
limits, a loose one for the largest and a narrow one for the mean error.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .golden import arrays

LARGEST, MEAN = 2e-3, 2e-5
CROP = 64


def centre(pictures: NDArray[Any]) -> NDArray[Any]:
    """What the data keep of a picture in full precision."""
    start = (pictures.shape[2] - CROP) // 2
    return pictures[:, :, start : start + CROP, start : start + CROP]


def assert_same_picture(found: NDArray[Any], expected: NDArray[Any]) -> None:
    difference = np.abs(found - expected)
    assert difference.max() <= LARGEST
    assert difference.mean() <= MEAN


def assert_prediction(found: NDArray[Any]) -> None:
    """Hold the picture of the case `generator` to what is stored: its centre, and all of it in half precision."""
    stored = arrays("generator")
    # Half precision adds its own rounding to the whole picture.
    np.testing.assert_allclose(found, stored["prediction_f16"].astype(np.float32), rtol=0, atol=LARGEST + 5e-4)
    np.testing.assert_allclose(found.mean(axis=(0, 2, 3)), stored["prediction_channel_mean"], rtol=0, atol=MEAN)
    assert_same_picture(centre(found), stored["prediction_crop"])
