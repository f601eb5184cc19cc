"""When the lids close: five frames at a time, after pauses of random length."""

import random

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.sadtalker import chance

Floats = NDArray[np.float32]

SHAPE = (0.5, 0.9, 1.0, 0.9, 0.5)
"""How far the lids are closed in the frames of a blink."""
SHORTEST_PAUSE, LONGEST_PAUSE = 10, 70
"""In frames, the longest one excluded; clips shorter than 140 frames pause for less than half of their length."""
_LEAST_FRAMES = 21


def exact(count: int, seed: int) -> Floats:
    """Closed lids, 0 to 1, of a clip of `count` frames, as the reference draws them with python's generator."""
    closed = np.zeros(count, np.float32)
    pauses = range(min(SHORTEST_PAUSE, count), min(count // 2, LONGEST_PAUSE))
    if count < _LEAST_FRAMES or not pauses:
        return closed
    draw = random.Random(seed)  # noqa: S311 - the generator that the reference uses; nothing is secret
    start = draw.choice(pauses)
    while start + len(SHAPE) < count:
        closed[start : start + len(SHAPE)] = SHAPE
        start += len(SHAPE) + draw.choice(pauses)
    return closed


class Blinks:
    """Closed lids of a clip whose length is not known yet: pauses are drawn as for a long one.

    The blinks follow from the seed alone. Frames are best asked for in order; going back starts again from the first.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._index = 0
        self._pause = self._start = self._drawn()

    def closed(self, frame: int) -> float:
        """How far the lids are closed in a frame, 0 to 1."""
        if frame < self._start - self._pause:
            self._index = 0
            self._pause = self._start = self._drawn()
        while frame >= self._start + len(SHAPE):
            self._index += 1
            self._pause = self._drawn()
            self._start += len(SHAPE) + self._pause
        return SHAPE[frame - self._start] if frame >= self._start else 0.0

    def _drawn(self) -> int:
        """The pause before the blink at hand."""
        share = float(chance.uniform(self._seed, chance.BLINKS, self._index, 1)[0])
        span = LONGEST_PAUSE - SHORTEST_PAUSE
        return SHORTEST_PAUSE + min(int(share * span), span - 1)
