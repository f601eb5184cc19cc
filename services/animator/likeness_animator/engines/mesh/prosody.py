"""The pitch of a voice, from the sound heard so far.

The normalised square difference of McLeod and Wyvill, "A smarter way to find pitch", 2005: an autocorrelation that is 1
where the sound repeats itself, whatever its loudness. The first of its high peaks is the period.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LOWEST_HZ, HIGHEST_HZ = 65.0, 450.0
ANALYSIS_HZ = 8_000
WINDOW_S = 0.034
CLEAR_PEAK, NEAR_HIGHEST = 0.72, 0.88
"""A peak this high means a voice; the first peak not much lower than the highest is its period, not twice it."""
FAINTEST_RMS = 60.0
UNIT_HZ = 0.1


class PitchWindow(NamedTuple):
    """What one pitch is measured on: `points` averages of `step` samples each."""

    step: int
    points: int
    rate: float

    @property
    def samples(self) -> int:
        """Length in samples."""
        return self.step * self.points


def pitch_window(sample_rate_hz: int) -> PitchWindow:
    """The window for a sample rate."""
    step = max(1, round(sample_rate_hz / ANALYSIS_HZ))
    return PitchWindow(step, round(WINDOW_S * sample_rate_hz / step), sample_rate_hz / step)


def pitches(sound: NDArray[np.int16], window: PitchWindow) -> NDArray[np.uint16]:
    """Pitch of each row of `sound` (rows, window.samples), in units of UNIT_HZ; 0 where there is no voice."""
    parts = sound.reshape(len(sound), window.points, window.step)
    coarse = parts.sum(axis=2, dtype=np.int32) / window.step
    coarse -= coarse.mean(axis=1, keepdims=True)
    loud = (coarse**2).mean(axis=1) > FAINTEST_RMS**2
    result = np.zeros(len(sound), np.uint16)
    for row in np.flatnonzero(loud):
        result[row] = round(_pitch(coarse[row], window.rate) / UNIT_HZ)
    return result


def _pitch(sound: Array, rate: float) -> float:
    """In Hz, or 0. One window at a time: its result must not depend on how many there are."""
    first, last = int(rate / HIGHEST_HZ), int(rate / LOWEST_HZ) + 1
    likeness = _normalised(sound, last + 2)
    middle = likeness[first + 1 : last + 1]
    tops = np.flatnonzero((middle >= likeness[first:last]) & (middle > likeness[first + 2 : last + 2]))
    if not len(tops):
        return 0.0
    heights = middle[tops]
    highest = float(heights.max())
    if highest < CLEAR_PEAK:
        return 0.0
    lag = int(tops[np.argmax(heights >= NEAR_HIGHEST * highest)]) + first + 1
    before, at, after = likeness[lag - 1 : lag + 2].tolist()
    bend = before - 2 * at + after
    return rate / (lag + (0.5 * (before - after) / bend if bend else 0.0))


def _normalised(sound: Array, lags: int) -> Array:
    """Normalised square difference at lags 0 to `lags` - 1, from -1 to 1."""
    size = len(sound)
    # A length of large prime factors would take several times as long.
    length = -(-(size + lags) // 16) * 16
    spectrum = np.fft.rfft(sound, length)
    product = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, length)[:lags]
    squares = np.concatenate([[0.0], np.cumsum(sound**2)])
    energy = squares[size : size - lags : -1] + squares[size] - squares[:lags]
    return np.asarray(2 * product / np.maximum(energy, 1e-9))
