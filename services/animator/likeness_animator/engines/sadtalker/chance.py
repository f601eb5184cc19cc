"""Randomness without state: numbers that depend on the seed and on what they are for, never on what was drawn before.

They come from the bits of Philox (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), which numpy
keeps the same in all versions.
"""

import numpy as np
from numpy.typing import NDArray

LATENTS, BLINKS = range(2)
"""What numbers are for."""


def uniform(seed: int, purpose: int, index: int, count: int) -> NDArray[np.float64]:
    """Numbers above 0 and up to 1, all equally likely, (count,)."""
    counter = np.array([0, index, purpose, 0], np.uint64)
    bits = np.random.Philox(key=seed, counter=counter).random_raw(count)
    return np.asarray(((bits >> np.uint64(11)) + 1.0) / 2**53)


def normal(seed: int, purpose: int, index: int, count: int) -> NDArray[np.float32]:
    """Numbers of the standard normal distribution, (count,), by the transform of Box and Muller."""
    radius, turn = uniform(seed, purpose, index, 2 * count).reshape(2, count)
    return np.asarray(np.sqrt(-2 * np.log(radius)) * np.cos(2 * np.pi * turn), np.float32)
