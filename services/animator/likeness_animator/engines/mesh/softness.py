"""How blurred a photo is, so that what is drawn into it can be equally soft."""

import math

import cv2
import numpy as np

from likeness_animator.engines.mesh.warp import Floats, Pixels

MIN_SIGMA, MAX_SIGMA = 0.4, 6.0
MIN_EDGE_PX = 1.2
SAMPLING_SIGMA, SAMPLING_LOSS = 0.8, 0.4
FAR = 8
"""Differences over one pixel and over this many are compared."""


def blur_sigma(pixels: Pixels) -> float:
    """Gaussian sigma in pixels (0.4 to 6) of the edges in an RGB picture (height, width, 3).

    A step edge of any height, blurred by sigma, gives differences over k pixels whose energy is known in closed form;
    the ratio of two such energies depends on sigma alone. Edges in a picture differ in contrast, not in blur, so
    the ratio of the sums estimates it. Flat, noisy and tiny pictures give the smallest value.
    """
    if min(pixels.shape[:2]) <= FAR:
        return MIN_SIGMA
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.float32)
    near = _energy(grey, 1)
    far = _energy(grey, FAR)
    if far <= 0:
        return MIN_SIGMA
    sigmas = np.linspace(MIN_SIGMA, MAX_SIGMA, 57)
    ratios = np.array([_step_energy(1, sigma) / _step_energy(FAR, sigma) for sigma in sigmas])
    # np.interp wants rising places; the ratio falls with sigma.
    return float(np.interp(near / far, ratios[::-1], sigmas[::-1]))


def edge_width(sigma: float) -> float:
    """Width in pixels of a linear ramp that looks like an edge of that blur."""
    return max(MIN_EDGE_PX, 2.5 * sigma)


def sharpened(pixels: Pixels, share: Floats) -> Pixels:
    """An RGB picture (height, width, 3) made sharper by `share` (0 to 1) of what bilinear sampling blurs.

    The amount gives warped photos the energy of their edges back, and the smallest error against Lanczos sampling.
    """
    blurred = cv2.GaussianBlur(pixels, (0, 0), SAMPLING_SIGMA)
    detail = cv2.subtract(pixels, blurred, dtype=cv2.CV_32F) * (SAMPLING_LOSS * share)[..., None]
    return np.asarray(cv2.add(pixels, detail, dtype=cv2.CV_8U), np.uint8)


def _energy(grey: Floats, step: int) -> float:
    across, down = grey[:, step:] - grey[:, :-step], grey[step:] - grey[:-step]
    return float((across**2).mean() + (down**2).mean())


def _step_energy(step: int, sigma: float) -> float:
    """Integral over x of (F(x + step) - F(x))^2 with F the normal distribution of width sigma."""
    reach = step / (2 * sigma)
    return step * math.erf(reach) - 2 * sigma / math.sqrt(math.pi) * (1 - math.exp(-reach * reach))
