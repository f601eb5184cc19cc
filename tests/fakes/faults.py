"""Where and how a fake goes wrong."""

import asyncio
from collections import Counter


class Faults:
    """Points that a fake passes, by name: they can fail, hang or take time, from the n-th pass on.

    `passed` counts passes; `waiting` names the points that hang now.
    """

    def __init__(self) -> None:
        self.passed: Counter[str] = Counter()
        self.waiting: set[str] = set()
        self._errors: dict[str, tuple[int, Exception]] = {}
        self._hangs: dict[str, int] = {}
        self._delays: dict[str, float] = {}

    def fail(self, point: str, error: Exception, after: int = 0) -> None:
        """Raise `error` when `point` has been passed `after` times."""
        self._errors[point] = (after, error)

    def hang(self, point: str, after: int = 0) -> None:
        """Wait for ever when `point` has been passed `after` times."""
        self._hangs[point] = after

    def delay(self, point: str, seconds: float) -> None:
        """Take time at every pass."""
        self._delays[point] = seconds

    def clear(self) -> None:
        """Work again."""
        self._errors.clear()
        self._hangs.clear()
        self._delays.clear()

    async def reach(self, point: str) -> None:
        """Pass a point."""
        count = self.passed[point]
        if point in self._hangs and count >= self._hangs[point]:
            self.waiting.add(point)
            try:
                await asyncio.Event().wait()
            finally:
                self.waiting.discard(point)
        await asyncio.sleep(self._delays.get(point, 0))
        if point in self._errors and count >= self._errors[point][0]:
            raise self._errors[point][1]
        self.passed[point] += 1
