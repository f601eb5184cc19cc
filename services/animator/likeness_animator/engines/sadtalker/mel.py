"""Speech as SadTalker's networks hear it: log-mel bands of 16 kHz sound, as Wav2Lip computes them.

Columns lie 12.5 ms apart; frame i at 25 frames a second is told by 16 columns that begin 3.2 * (i - 2) columns in.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RATE = 16_000
FPS = 25
SAMPLES_PER_FRAME = RATE // FPS
HOP, LENGTH = 200, 800
BANDS, LOWEST_HZ, HIGHEST_HZ = 80, 55.0, 7600.0
WINDOW = 16
"""Columns for a frame."""
PREEMPHASIS = 0.97
QUIETEST, REFERENCE_DB, RANGE_DB, LIMIT = 1e-5, 20.0, 100.0, 4.0
_LEAD_FRAMES = 2
_LINEAR_HZ, _LINEAR_STEP_HZ, _LOG_STEP = 1000.0, 200 / 3, math.log(6.4) / 27
"""The mel scale of Slaney's Auditory Toolbox: even steps up to 1 kHz, then even ratios."""


def log_mel(samples: Floats, start: int, end: int, before: float = 0.0) -> Floats:
    """Columns `start` to `end` of sound that begins with column 0 at `samples[0]`, (80, end - start), -4 to 4.

    Outside the sound is silence. `before` is the sample ahead of the first one.
    """
    emphasised = samples - PREEMPHASIS * np.concatenate([[before], samples[:-1]])
    first = start * HOP - LENGTH // 2
    padded = np.zeros((end - start - 1) * HOP + LENGTH)
    inside = slice(max(0, first), max(0, min(len(samples), first + len(padded))))
    padded[inside.start - first : inside.stop - first] = emphasised[inside]
    frames = np.lib.stride_tricks.sliding_window_view(padded, LENGTH)[::HOP]
    magnitude = np.abs(np.fft.rfft(frames * _hann(), axis=1))
    decibels = 20 * np.log10(np.maximum(QUIETEST, magnitude @ filters().T)) - REFERENCE_DB
    scaled = 2 * LIMIT * (decibels + RANGE_DB) / RANGE_DB - LIMIT
    return np.ascontiguousarray(np.clip(scaled, -LIMIT, LIMIT).T, np.float32)


def window_start(frame: int) -> int:
    """The first column for a frame; towards zero, as the networks have learned."""
    return int(HOP_RATIO * (frame - _LEAD_FRAMES))


HOP_RATIO = RATE / HOP / FPS


def columns(frame: int, count: int) -> NDArray[np.int64]:
    """The 16 columns for a frame, where there are `count` in all: the first and the last stand in for what is not."""
    return np.clip(np.arange(WINDOW) + window_start(frame), 0, count - 1)


@cache
def filters() -> NDArray[np.float64]:
    """Triangular mel filters of even area, (80, 401)."""
    edges = _hertz(np.linspace(_mel(LOWEST_HZ), _mel(HIGHEST_HZ), BANDS + 2))
    bins = np.fft.rfftfreq(LENGTH, 1 / RATE)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.asarray(np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None])


@cache
def _hann() -> NDArray[np.float64]:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(LENGTH) / LENGTH))


def _mel(hertz: float) -> float:
    if hertz < _LINEAR_HZ:
        return hertz / _LINEAR_STEP_HZ
    return _LINEAR_HZ / _LINEAR_STEP_HZ + math.log(hertz / _LINEAR_HZ) / _LOG_STEP


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    knee = _LINEAR_HZ / _LINEAR_STEP_HZ
    return np.where(mel < knee, mel * _LINEAR_STEP_HZ, _LINEAR_HZ * np.exp(_LOG_STEP * (mel - knee)))
