"""Waiting for what signals nothing."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object]) -> None:
    """Return when the state of threads, processes or other parts has come true; the test's own timeout is the limit."""
    while not condition():  # noqa: ASYNC110 - they set no asyncio.Event
        await asyncio.sleep(0.005)
