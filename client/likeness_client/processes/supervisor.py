"""Runs programs together: waits until all serve, keeps them alive, stops them in order."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from likeness_client.processes.child import Child, Program, RestartPolicy, Tell
from likeness_common.errors import Reason, Unavailable

DEFAULT_POLICY = RestartPolicy()


class Supervisor:
    """Runs `programs`, of which the last depends on the others: it is the first to be stopped."""

    def __init__(
        self, programs: Sequence[Program], told: Tell, said: Tell, policy: RestartPolicy = DEFAULT_POLICY
    ) -> None:
        self._children = [Child(program, told, said, policy) for program in programs]
        self._stop = asyncio.Event()
        self.orderly = True
        """Whether every program ended by itself when it was told to."""

    def stop(self) -> None:
        """Ask for an orderly end; asked a second time, end at once."""
        if self._stop.is_set():
            for child in self._children:
                child.kill()
        self._stop.set()

    async def run(self, on_ready: Callable[[], None], start_timeout_s: float, grace_s: float) -> None:
        """Run until `stop`; calls `on_ready` when every program serves.

        Raises ProgramFailed when one ends before that, and Unavailable when one takes longer than `start_timeout_s`.
        Whatever happens, no program is left when this returns.
        """
        runs = [asyncio.create_task(child.run()) for child in self._children]
        try:
            await self._until_ready(runs, start_timeout_s)
            if not self._stop.is_set():
                on_ready()
            await self._first_of([self._stop.wait()], runs, None)
        finally:
            *others, last = self._children
            ended = [await last.stop(grace_s)]
            ended += await asyncio.gather(*(child.stop(grace_s) for child in others))
            self.orderly = all(ended)
            await asyncio.gather(*runs, return_exceptions=True)

    async def _until_ready(self, runs: list[asyncio.Task[None]], timeout_s: float) -> None:
        async def all_ready() -> None:
            for child in self._children:
                await child.ready.wait()

        if not await self._first_of([all_ready(), self._stop.wait()], runs, timeout_s):
            slow = ", ".join(child.program.name for child in self._children if not child.ready.is_set())
            raise Unavailable(Reason.SERVICE_UNREACHABLE, f"{slow} did not begin to serve within {timeout_s:.0f} s")

    async def _first_of(
        self, waits: list[Coroutine[Any, Any, object]], runs: list[asyncio.Task[None]], timeout_s: float | None
    ) -> bool:
        """Wait for the first of `waits`; False when time ran out. Raises what one of `runs` raised."""
        tasks = [asyncio.ensure_future(wait) for wait in waits]
        try:
            done, _ = await asyncio.wait([*tasks, *runs], timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            return bool(done)
        finally:
            for task in tasks:
                task.cancel()
