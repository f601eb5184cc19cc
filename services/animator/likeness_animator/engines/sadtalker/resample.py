"""Speech at any rate as the networks hear it, at 16 kHz, a frame (40 ms) at a time.

A windowed sinc (Kaiser window), with the length, roll-off and window that resampy calls `kaiser_best`. Every sample is
the same sum of the speech around it, so neither chunking nor the place where the speech begins changes it.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.sadtalker.mel import FPS, RATE, SAMPLES_PER_FRAME

Floats = NDArray[np.float32]

ZEROS = 64
"""Crossings of the sinc on either side."""
ROLLOFF = 0.9475937167399596
BETA = 14.769656459379492
FULL_SCALE = 32_768


def reach(rate: int) -> int:
    """How many samples on either side of its place a new sample may be made of."""
    return 0 if rate == RATE else math.ceil(ZEROS * max(1.0, rate / RATE))


def needed(frames: int, rate: int) -> int:
    """Samples of speech at `rate` Hz that the first `frames` frames of sound are made of."""
    return ((frames * SAMPLES_PER_FRAME - 1) * rate) // RATE + 1 + reach(rate)


def start(frame: int, rate: int) -> int:
    """The first sample of speech that a frame is made of; negative ones are silence."""
    return frame * rate // FPS - reach(rate)


def resampled(speech: NDArray[np.int16], frame: int, rate: int) -> Floats:
    """One frame of sound, (640,), -1 to 1, of speech at `rate` Hz from sample `start(frame, rate)` on.

    Speech that ends early goes on as silence.
    """
    if rate == RATE:
        return _padded(speech, SAMPLES_PER_FRAME)
    phase = frame * rate % FPS * (RATE // FPS)
    weights = _weights(rate, phase)
    places = (np.arange(SAMPLES_PER_FRAME) * rate + phase) // RATE
    around = _padded(speech, int(places[-1]) + weights.shape[1])[places[:, None] + np.arange(weights.shape[1])]
    return np.asarray((around * weights).sum(axis=1), np.float32)


def _padded(speech: NDArray[np.int16], count: int) -> Floats:
    sound = np.zeros(count, np.float32)
    sound[: len(speech)] = speech[:count]
    return sound / np.float32(FULL_SCALE)


@lru_cache(maxsize=4)
def _weights(rate: int, phase: int) -> Floats:
    """What the samples around add to each new one of a frame that lies `phase` / 16000 after a sample, (640, taps)."""
    scale = min(1.0, RATE / rate)
    after = (np.arange(SAMPLES_PER_FRAME) * rate + phase) % RATE / RATE
    distance = (np.arange(-reach(rate), reach(rate) + 1) - after[:, None]) * scale
    inside = np.clip(1 - (distance / ZEROS) ** 2, 0, None)
    window = np.where(inside > 0, np.i0(BETA * np.sqrt(inside)) / np.i0(BETA), 0)
    return np.asarray(scale * ROLLOFF * np.sinc(ROLLOFF * distance) * window, np.float32)
