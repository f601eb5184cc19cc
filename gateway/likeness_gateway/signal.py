"""Waking tasks that wait for a change."""

import asyncio


class Signal:
    """Wakes everyone who waits. It carries nothing: a waiter looks again at what it waits for."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Wake all who wait now; those who wait later sleep until the next call."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self) -> None:
        """Sleep until the next `set`. Check the condition first, with no await in between."""
        await self._event.wait()
