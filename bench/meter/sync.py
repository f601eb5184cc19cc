"""Whether the mouth opens when the phonemes ask for it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.meter.faces import Track
from bench.meter.film import RATE
from bench.meter.phonemes import SILENCE_OPENNESS, openness
from likeness_common.media import Mark

Curve = NDArray[np.float64]

FINE_HZ = 1000
SMOOTHING_S = 0.06
"""Standard deviation of the Gaussian that both curves pass through: lips take some 100 ms from shut to open."""

SEARCH_S = 0.4


@dataclass(frozen=True)
class Sync:
    """Peak of the normalised cross-correlation (-1 to 1), and by how many milliseconds the mouth comes late there."""

    peak: float
    lag_ms: float


def target(marks: list[Mark], seconds: float) -> Curve:
    """Openness at every 1 / FINE_HZ second of the speech."""
    curve = np.full(round(seconds * FINE_HZ), SILENCE_OPENNESS)
    for mark in marks:
        steps = openness(mark.value)
        bounds = np.linspace(mark.start_sample, mark.end_sample, len(steps) + 1) / RATE * FINE_HZ
        for step, begin, end in zip(steps, bounds[:-1], bounds[1:], strict=True):
            curve[round(begin) : round(end)] = step
    return curve


def measure(track: Track, marks: list[Mark], sound_delay_s: float = 0.0) -> Sync:
    """Compare the measured opening with the target of `marks`, whose sound plays `sound_delay_s` later in the film.

    Each frame stands for the moment at which it shows. The speech slides along the film: a positive lag means that the
    mouth comes after the sound.
    """
    seconds = max(mark.end_sample for mark in marks) / RATE
    wanted = smooth(target(marks, seconds + SEARCH_S), FINE_HZ)
    mouth = smooth(track.opening, track.fps)
    lags = np.arange(-SEARCH_S, SEARCH_S, 1 / FINE_HZ)
    spoken = track.times - sound_delay_s
    inside = (spoken >= SEARCH_S) & (spoken <= seconds - SEARCH_S)
    grid = np.arange(len(wanted)) / FINE_HZ
    scores = [correlation(mouth[inside], np.interp(spoken[inside] - lag, grid, wanted)) for lag in lags]
    best = int(np.argmax(scores))
    return Sync(float(scores[best]), float(lags[best]) * 1e3)


def smooth(curve: Curve, rate: float) -> Curve:
    """Through the Gaussian; the ends are repeated."""
    reach = max(1, round(3 * SMOOTHING_S * rate))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (SMOOTHING_S * rate)) ** 2)
    return np.convolve(np.pad(curve, reach, "edge"), kernel / kernel.sum(), "valid")


def correlation(first: Curve, second: Curve) -> float:
    """Pearson's coefficient; 0 when one of them does not move."""
    first, second = first - first.mean(), second - second.mean()
    energy = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / energy if energy > 1e-9 else 0.0
