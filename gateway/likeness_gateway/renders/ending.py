"""How renders end: their error, their receipt, their last record."""

import asyncio
import logging
import time
from dataclasses import replace

from likeness_common.errors import Cancelled, DeadlineExceeded, Internal, LikenessError, Reason, Unavailable
from likeness_common.telemetry import names
from likeness_gateway.model import Failure, Receipt, RenderRecord, RenderState
from likeness_gateway.pipeline.failures import COMPOSITOR, TTS
from likeness_gateway.pipeline.spans import mark_failed
from likeness_gateway.renders.live import LiveRender

log = logging.getLogger(__name__)


def now_us() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000


def cancelled() -> Cancelled:
    """The error of a render that was cancelled by name."""
    return Cancelled(Reason.RENDER_CANCELLED, "the render was cancelled")


def server_stopping(message: str = "the server is shutting down; try again") -> Unavailable:
    """The error of a render, or of a stream, that the end of a process cuts off."""
    return Unavailable(Reason.SERVER_DRAINING, message, retry_after_s=1.0)


def internal_error(error: BaseException) -> Internal:
    """The error of a render that failed for a reason that is not the caller's business."""
    log.error("a render failed", exc_info=error)
    return Internal(Reason.INTERNAL, "internal error; the server's log has the details")


def out_of_time(render: LiveRender, error: Exception) -> DeadlineExceeded:
    """The error of a render that was not done in time; `error` may know which service was late."""
    metadata = error.metadata if isinstance(error, LikenessError) else {}
    return DeadlineExceeded(
        Reason.DEADLINE_EXCEEDED,
        f"the render was not done after {render.meter.elapsed_us / 1e6:.1f} s; allow more time (the call's deadline, "
        "spec.finish_within) or shorten the script",
        metadata=metadata,
    )


def failure_of(render: LiveRender, work: "asyncio.Task[None]") -> LikenessError | None:
    """Why a render's work ended, or None when it is done."""
    if work.cancelled():
        return render.stop_reason or cancelled()
    error = work.exception()
    if error is None or isinstance(error, LikenessError):
        return error
    return internal_error(error)


def ended_record(render: LiveRender, error: LikenessError | None) -> RenderRecord:
    """The last record of a render. A detached one that this process cannot finish stays unfinished."""
    record = render.record
    if error is None:
        state = RenderState.SUCCEEDED
    elif error is not render.stop_reason:
        state = RenderState.FAILED
    elif isinstance(error, Cancelled):
        state = RenderState.CANCELLED
    elif record.detached:
        return record
    else:
        state = RenderState.FAILED
    return replace(
        record,
        state=state,
        spec=None,
        end_time_us=now_us(),
        receipt=receipt_of(render) if error is None else None,
        failure=Failure.of(error) if error is not None else None,
    )


def receipt_of(render: LiveRender) -> Receipt:
    """What a finished render took. Local pools cost nothing, so the voice's price, which is known, is all."""
    record, meter = render.record, render.meter
    elapsed_us = meter.elapsed_us
    return Receipt(
        quoted=record.quote,
        cost_micros=record.quote.cost_micros,
        video_us=meter.video_us,
        render_us=elapsed_us,
        work_us=elapsed_us - meter.work_began_us,
        first_segment_us=meter.first_us(COMPOSITOR),
        frame_count=meter.frames,
        segment_count=render.log.count,
        byte_count=render.log.byte_count,
        stages=meter.usage({TTS: record.quote.cost_micros}),
        trace_id=record.trace_id,
    )


def end_span(render: LiveRender, error: LikenessError | None) -> None:
    """Close the root span of a render."""
    span = render.span
    span.set_attributes(
        {
            names.FRAMES: render.meter.frames,
            names.SEGMENTS: render.log.count,
            names.BYTES: render.log.byte_count,
        }
    )
    if error is not None:
        mark_failed(span, error)
    span.end()
