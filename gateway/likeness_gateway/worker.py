"""Blocking work off the event loop."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class Worker:
    """One thread that does what it is asked in the order it is asked, so reads, writes and removals never race.

    Callers wait for their work, which bounds the queue.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._closed = False

    async def call(self, function: Callable[..., T], *args: Any) -> T:
        """Run `function(*args)` on the thread and return its result. Work that has begun is finished when cancelled."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *args)

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Run `function(*args)` on the thread after all that was asked before, or never once it has been closed.

        A failure is logged. May be called on any thread.
        """
        if self._closed:
            return
        self._pool.submit(function, *args).add_done_callback(_log_failure)

    async def close(self) -> None:
        """Finish everything and end the thread."""
        self._closed = True
        await asyncio.to_thread(self._pool.shutdown)


def _log_failure(future: "Future[object]") -> None:
    if not future.cancelled() and (error := future.exception()):
        log.error("background work failed", exc_info=error)
