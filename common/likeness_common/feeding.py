"""Streams that take their input in while their output goes out."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def while_feeding(outputs: AsyncIterator[T], feeding: Coroutine[Any, Any, None]) -> AsyncGenerator[T]:
    """The outputs, until their end or until the input fails, which fails them. `feeding` stops when this is closed."""
    feeder = asyncio.create_task(feeding)
    coming: asyncio.Task[T | None] | None = None
    try:
        while True:
            coming = asyncio.create_task(_next(outputs))
            await _first_of(coming, feeder)
            output = await coming
            if output is None:
                return
            yield output
    finally:
        await _cancel(feeder, coming)


async def _next(outputs: AsyncIterator[T]) -> T | None:
    return await anext(outputs, None)


async def _first_of(coming: asyncio.Task[T | None], feeder: asyncio.Task[None]) -> None:
    """Wait for the next output; raises the error of the feeder when that comes first."""
    if not feeder.done():
        await asyncio.wait([coming, feeder], return_when=asyncio.FIRST_COMPLETED)
    if feeder.done():
        feeder.result()


async def _cancel(*tasks: asyncio.Task[Any] | None) -> None:
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
