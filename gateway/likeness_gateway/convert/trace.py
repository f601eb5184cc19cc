"""Traces."""

from collections.abc import Iterable

from google.protobuf.timestamp_pb2 import Timestamp

from likeness.gateway.v1 import trace_pb2
from likeness_gateway.traces import StoredEvent, StoredSpan


def trace_to(trace_id: str, render: str, spans: Iterable[StoredSpan]) -> trace_pb2.Trace:
    """Write a trace."""
    return trace_pb2.Trace(trace_id=trace_id, render=render, spans=map(_span_to, spans))


def _span_to(span: StoredSpan) -> trace_pb2.Span:
    return trace_pb2.Span(
        span_id=span.span_id,
        parent_span_id=span.parent_span_id,
        name=span.name,
        service=span.service,
        start_time=_timestamp(span.start_ns),
        end_time=_timestamp(span.end_ns),
        failed=span.failed,
        attributes=span.attributes,
        events=map(_event_to, span.events),
    )


def _event_to(event: StoredEvent) -> trace_pb2.SpanEvent:
    return trace_pb2.SpanEvent(name=event.name, time=_timestamp(event.time_ns), attributes=event.attributes)


def _timestamp(nanoseconds: int) -> Timestamp:
    message = Timestamp()
    message.FromNanoseconds(nanoseconds)
    return message
