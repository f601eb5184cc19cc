"""The curves that fields are made of."""

import numpy as np

from likeness_animator.engines.mesh.shape import Array


def smoothstep(x: Array) -> Array:
    """0 below 0, 1 above 1, smooth between."""
    t = np.clip(x, 0.0, 1.0)
    return t * t * (3 - 2 * t)


def bell(x: Array) -> Array:
    """A Gaussian of unit height and width."""
    return np.exp(-x * x)
