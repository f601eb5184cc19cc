"""A render in this process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Self

from opentelemetry.trace import INVALID_SPAN, Span

from likeness_common.errors import Cancelled, DeadlineExceeded, LikenessError, Reason
from likeness_common.media import Segment
from likeness_gateway.model import Notice, Progress, RenderRecord, RenderState
from likeness_gateway.pipeline import Meter
from likeness_gateway.renders.segment_log import SegmentLog
from likeness_gateway.signal import Signal

MAX_UNSENT_SEGMENTS = 16


def caller_left() -> Cancelled:
    """The error of a render whose caller went away; nobody is left to read it but the record."""
    return Cancelled(Reason.RENDER_CANCELLED, "the render was cancelled because its caller went away")


def not_taken(stall_s: float) -> DeadlineExceeded:
    """The error of a render whose caller stays but does not read."""
    return DeadlineExceeded(
        Reason.DEADLINE_EXCEEDED,
        f"the render was ended because its caller took no segment for {stall_s:g} s; read the stream as it comes, or "
        "use CreateRender and WatchRender",
    )


class LiveRender:
    """Where the pipeline puts its output and where watchers find it: a pipeline.Sink.

    `record` is always current. A render that is not detached lives as long as someone is attached, and waits while
    the attached stream that is furthest has `MAX_UNSENT_SEGMENTS` still to send, though no longer than `stall_s` for
    the next one. `expires_at` is on time.monotonic.
    """

    def __init__(
        self,
        record: RenderRecord,
        log: SegmentLog,
        meter: Meter,
        span: Span,
        expires_at: float | None = None,
        stall_s: float = 60.0,
    ) -> None:
        self.record = record
        self.log = log
        self.meter = meter
        self.span = span
        self.expires_at = expires_at
        self.latest_progress: Progress | None = None
        self.error: LikenessError | None = None
        self.changed = Signal()
        self.admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.supervisor: asyncio.Task[None] | None = None
        self.work: asyncio.Task[None] | None = None
        self.stop_reason: LikenessError | None = None
        self._stall_s = stall_s
        self._attached = 0
        self._sent = 0

    @classmethod
    def ended_as(cls, record: RenderRecord, log: SegmentLog) -> Self:
        """A render of the past, for watching."""
        render = cls(record, log, Meter(INVALID_SPAN), INVALID_SPAN)
        render.error = record.failure.error() if record.failure else None
        return render

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen here; then `record.receipt` or `error` is set."""
        return self.error is not None or self.record.state.ended

    async def segment(self, segment: Segment) -> None:
        """See pipeline.Sink."""
        await self.log.append(segment)
        self.record = replace(self.record, segment_count=self.log.count, byte_count=self.log.byte_count)
        self.changed.set()
        while self._far_ahead:
            await self._next_taken()

    @property
    def _far_ahead(self) -> bool:
        return not self.record.detached and self.log.count - self._sent >= MAX_UNSENT_SEGMENTS

    async def _next_taken(self) -> None:
        """Wait until a segment has been sent; end the render, which holds a slot, when that takes too long."""
        sent = self._sent
        try:
            async with asyncio.timeout(self._stall_s):
                while self._far_ahead and self._sent == sent:
                    await self.changed.wait()
        except TimeoutError:
            self.stop(not_taken(self._stall_s))

    def progress(self, frames_done: int, frames_expected: int) -> None:
        """See pipeline.Sink."""
        self.latest_progress = Progress(frames_done, frames_expected, self.meter.elapsed_us)
        self.changed.set()

    def notice(self, notice: Notice) -> None:
        """See pipeline.Sink."""
        self.record = replace(self.record, notices=(*self.record.notices, notice))
        self.changed.set()

    def run(self) -> None:
        """Say that it has got its slot."""
        self.meter.work_began_us = self.meter.elapsed_us
        self.record = replace(self.record, state=RenderState.RUNNING)
        self.progress(0, self.meter.frames_expected)

    def end(self, record: RenderRecord, error: LikenessError | None) -> None:
        """Say that it is over."""
        self.record = record
        self.error = error
        self.changed.set()

    def stop(self, reason: LikenessError) -> None:
        """End it early; the first reason counts."""
        if self.ended or self.stop_reason is not None:
            return
        self.stop_reason = reason
        if self.work is not None:
            self.work.cancel()

    async def finished(self) -> None:
        """Wait until it has ended and its end is recorded; being cancelled while waiting does not end it."""
        if self.supervisor is not None:
            await asyncio.wait({self.supervisor})

    def detach(self) -> bool:
        """Let it go on without a caller. Returns False when that changes nothing."""
        if self.record.detached or self.work is None or self.work.done():
            return False
        self.record = replace(self.record, detached=True)
        self.changed.set()
        return True

    def sent(self, segments: int) -> None:
        """Say that an attached stream has sent so many segments."""
        self._sent = max(self._sent, segments)
        self.changed.set()

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Hold it as its caller's stream; when the last one leaves, a render that is not detached is cancelled."""
        self._attached += 1
        try:
            yield
        finally:
            self._attached -= 1
            if not self._attached and not self.record.detached:
                self.stop(caller_left())
