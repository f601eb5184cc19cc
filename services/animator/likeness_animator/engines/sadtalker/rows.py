"""Numbers per frame, of which old ones are forgotten."""

import base64
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Rows:
    """`width` numbers for each of the frames from `first` on."""

    def __init__(self, width: int, first: int = 0) -> None:
        self.first = first
        self.values: Floats = np.zeros((0, width), np.float32)

    @property
    def end(self) -> int:
        """One past the last frame."""
        return self.first + len(self.values)

    def extend(self, rows: Floats) -> None:
        """Append rows for the frames that follow."""
        self.values = np.concatenate([self.values, rows])

    def forget(self, frame: int) -> None:
        """Drop the rows of frames before `frame`."""
        passed = min(max(0, frame - self.first), len(self.values))
        self.values = self.values[passed:].copy()
        self.first += passed

    def __getitem__(self, frame: int) -> Floats:
        if frame < self.first:
            raise IndexError(f"frame {frame} is forgotten; the first one is {self.first}")
        return np.asarray(self.values[frame - self.first])

    def snapshot(self, first: int, end: int) -> list[Any]:
        """The rows from `first` (or the first one there is) up to `end`, as JSON values."""
        first = max(first, self.first)
        rows = self.values[first - self.first : max(first, end) - self.first]
        return [first, base64.b64encode(rows.astype("<f4").tobytes()).decode()]

    @classmethod
    def restored(cls, width: int, state: list[Any]) -> Self:
        """From a snapshot. Raises ValueError, TypeError or KeyError for anything else."""
        first, data = state
        rows = cls(width, int(first))
        rows.values = np.frombuffer(base64.b64decode(data, validate=True), "<f4").astype(np.float32).reshape(-1, width)
        if rows.first < 0 or not np.isfinite(rows.values).all():
            raise ValueError("rows that no film has")
        return rows
