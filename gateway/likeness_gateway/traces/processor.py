"""Spans of this process on their way to the store."""

from collections import deque

from opentelemetry.sdk.resources import SERVICE_NAME
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.trace import StatusCode, format_span_id, format_trace_id

from likeness_gateway.traces.attributes import kept_attributes
from likeness_gateway.traces.store import StoredEvent, StoredSpan, TraceStore

MAX_WAITING = 2048


class StoreSpanProcessor(SpanProcessor):
    """Hands every span that ends to the trace store. Spans end on any thread; beyond the limit the oldest are lost."""

    def __init__(self, store: TraceStore) -> None:
        self._store = store
        self._waiting: deque[StoredSpan] = deque(maxlen=MAX_WAITING)

    def on_end(self, span: ReadableSpan) -> None:
        """See SpanProcessor."""
        stored = _stored(span)
        if stored is not None and self._store.expects(stored.trace_id):
            self._waiting.append(stored)
            self._store.post(self._take)

    def _take(self) -> list[StoredSpan]:
        taken = []
        while self._waiting:
            taken.append(self._waiting.popleft())
        return taken


def _stored(span: ReadableSpan) -> StoredSpan | None:
    context = span.context
    if context is None or span.start_time is None or span.end_time is None:
        return None
    return StoredSpan(
        trace_id=format_trace_id(context.trace_id),
        span_id=format_span_id(context.span_id),
        parent_span_id=format_span_id(span.parent.span_id) if span.parent else "",
        name=span.name,
        service=str(span.resource.attributes.get(SERVICE_NAME, "")),
        start_ns=span.start_time,
        end_ns=span.end_time,
        failed=span.status.status_code is StatusCode.ERROR,
        attributes=kept_attributes((span.attributes or {}).items()),
        events=tuple(
            StoredEvent(event.name, event.timestamp, kept_attributes((event.attributes or {}).items()))
            for event in span.events
        ),
    )
