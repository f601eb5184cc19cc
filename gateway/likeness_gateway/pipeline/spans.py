"""Spans of the gateway. Messages of errors may quote the caller, so only their reason is recorded."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from opentelemetry.trace import Span, SpanKind, Status, StatusCode, use_span

from likeness_common.errors import LikenessError
from likeness_common.telemetry import names
from likeness_common.telemetry.tracing import tracer


def mark_failed(span: Span, error: LikenessError) -> None:
    """Record that the work of `span` failed, and why."""
    span.set_attribute(names.REASON, error.reason.value)
    span.set_status(Status(StatusCode.ERROR, error.reason.value))


def within(span: Span) -> AbstractContextManager[Span]:
    """Make `span` the current one, so that calls made inside carry it to other services."""
    return use_span(span, record_exception=False, set_status_on_exception=False)


@contextmanager
def stage_span(name: str) -> Iterator[Span]:
    """A child of the current span that lasts as long as the block, without becoming the current span itself."""
    span = tracer.start_span(name, kind=SpanKind.CLIENT)
    try:
        yield span
    except LikenessError as error:
        mark_failed(span, error)
        raise
    finally:
        span.end()
