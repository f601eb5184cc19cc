"""Running renders, a few at once, each to its end."""

import asyncio
import contextvars
import functools
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from likeness_common.deadline import set_deadline
from likeness_common.errors import DeadlineExceeded, LikenessError, Reason, ResourceExhausted
from likeness_gateway.metrics import Metrics
from likeness_gateway.model import RenderState
from likeness_gateway.pipeline import Pipeline
from likeness_gateway.pipeline.spans import within
from likeness_gateway.renders.ending import (
    end_span,
    ended_record,
    failure_of,
    internal_error,
    out_of_time,
    server_stopping,
)
from likeness_gateway.renders.limits import Limits
from likeness_gateway.renders.live import LiveRender, caller_left
from likeness_gateway.renders.store import RenderStore

log = logging.getLogger(__name__)

STOP_S = 5.0
"""Stages promise to stop within a second; the end of the process does not wait much longer for one that breaks it."""


class Runner:
    """Keeps every render of this process in `live`, from before it is stored until its end is."""

    def __init__(self, pipeline: Pipeline, store: RenderStore, limits: Limits, metrics: Metrics) -> None:
        self._pipeline = pipeline
        self._store = store
        self._limits = limits
        self._metrics = metrics
        self._slots = asyncio.Semaphore(limits.concurrent)
        self.live: dict[str, LiveRender] = {}
        self.closing = False
        metrics.watch(lambda: self._count(RenderState.RUNNING), lambda: self._count(RenderState.QUEUED))

    def _count(self, state: RenderState) -> int:
        return sum(render.record.state is state for render in list(self.live.values()))

    def check_room(self) -> None:
        """Raise what keeps a new render out: Unavailable (SERVER_DRAINING), or ResourceExhausted (SERVER_BUSY)."""
        if self.closing:
            raise server_stopping()
        if len(self.live) >= self._limits.concurrent + self._limits.queued:
            longest = max(render.record.quote.render_us for render in self.live.values()) / 1e6
            raise ResourceExhausted(
                Reason.SERVER_BUSY,
                f"{len(self.live)} renders are running or waiting; try again later",
                retry_after_s=min(60.0, max(1.0, longest / self._limits.concurrent)),
            )

    async def launch(self, render: LiveRender, replacing: str = "") -> None:
        """Store a new render and run it. Raises RequestIdTaken, or what check_room raises."""
        try:
            self.check_room()
        except LikenessError:
            render.span.end()
            raise
        self._begin(render, functools.partial(self._store.insert, render.record, replacing))
        try:
            await asyncio.shield(render.admitted)
        except asyncio.CancelledError:
            render.stop(caller_left())
            raise

    def relaunch(self, render: LiveRender) -> None:
        """Run a render that is stored already."""
        self._begin(render, functools.partial(self._store.update, render.record))

    async def stop_all(self) -> None:
        """End what still runs, because the process ends: detached renders are taken up by the next one."""
        for render in list(self.live.values()):
            render.stop(server_stopping())
        supervisors = {render.supervisor for render in self.live.values() if render.supervisor}
        if supervisors:
            _, stuck = await asyncio.wait(supervisors, timeout=STOP_S)
            if stuck:
                log.error("%d renders did not stop within %.0f s", len(stuck), STOP_S)

    def _begin(self, render: LiveRender, store: Callable[[], Awaitable[None]]) -> None:
        self.live[render.record.id] = render
        # The render outlives the call that started it, so it must not inherit the call's deadline or current span.
        render.supervisor = asyncio.create_task(self._supervise(render, store), context=contextvars.Context())

    async def _supervise(self, render: LiveRender, store: Callable[[], Awaitable[None]]) -> None:
        """Take a render from its record to its end. Only the work within is ever cancelled."""
        with render.log.held():
            try:
                await store()
            except Exception as error:
                render.span.end()
                del self.live[render.record.id]
                render.admitted.set_exception(error)
                return
            render.admitted.set_result(None)
            render.work = asyncio.create_task(self._work(render))
            if render.stop_reason is not None:
                render.work.cancel()
            await asyncio.wait({render.work})
            await self._end(render, failure_of(render, render.work))
        del self.live[render.record.id]

    async def _work(self, render: LiveRender) -> None:
        """Wait for a slot and render, within the time that there is."""
        spec, plan = render.record.spec, render.record.plan
        if spec is None:
            raise RuntimeError("a render that has ended cannot run")
        set_deadline(None if render.expires_at is None else render.expires_at - time.monotonic())
        try:
            async with asyncio.timeout_at(render.expires_at), self._slots:
                render.run()
                with within(render.span):
                    await render.log.create()
                    await self._pipeline.run(spec, plan, render, render.meter)
        except (TimeoutError, DeadlineExceeded) as error:
            raise out_of_time(render, error) from None

    async def _end(self, render: LiveRender, error: LikenessError | None) -> None:
        """Record how a render ended, remove what nobody may watch, and tell those who watch it."""
        record = ended_record(render, error)
        try:
            if error is not None and (record.state is RenderState.CANCELLED or not record.detached):
                record = replace(record, segment_count=0, byte_count=0)
                await render.log.remove()
            # One that is left to the next process was not ended by a crash.
            await self._store.update(record if record.state.ended else replace(record, taken_up=0))
        except Exception as failure:
            log.exception("the end of render %s could not be recorded", record.id)
            error = error or internal_error(failure)
        end_span(render, error)
        if record.state.ended:
            self._metrics.ended(record)
        render.end(record, error)
