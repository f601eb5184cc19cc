"""Poses smoothed over time by a Savitzky-Golay filter (Savitzky and Golay, 1964), whole or while they come in.

Each frame takes its value from a parabola fitted to the 13 frames around it; the first and the last 6 frames take
theirs from the parabola through the first and the last 13. Shorter clips use the longest odd window that is not longer
than they are, and clips of one or two frames stay as they are.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LENGTH, ORDER = 13, 2
REACH = LENGTH // 2


def window(frame: int, count: int | None) -> range:
    """The frames that a frame's value is made of, in a clip of `count` frames, or one whose end is further away."""
    length = LENGTH if count is None or count >= LENGTH else 2 * ((count - 1) // 2) + 1
    start = max(0, frame - length // 2)
    if count is not None:
        start = min(start, count - length)
    return range(start, start + length)


def at(values: Floats, frame: int, first: int, count: int | None) -> Floats:
    """The smoothed value of a frame, (C,), of `values` (frames, C) that begin with frame `first`."""
    if count is not None and count <= ORDER:
        return np.asarray(values[frame - first])
    frames = window(frame, count)
    weights = _weights(len(frames), frame - frames.start)
    around = values[frames.start - first : frames.stop - first].astype(np.float64)
    return np.asarray((weights[:, None] * around).sum(axis=0), np.float32)


def smooth(values: Floats) -> Floats:
    """A whole clip, (frames, C), smoothed."""
    return np.stack([at(values, frame, 0, len(values)) for frame in range(len(values))])


@cache
def _weights(length: int, place: int) -> NDArray[np.float64]:
    """What each frame of a window adds to the value at `place` of the parabola through them, (length,)."""
    powers = np.vander(np.arange(length) - length // 2, ORDER + 1).astype(np.float64)
    return np.asarray(powers[place] @ np.linalg.pinv(powers))
