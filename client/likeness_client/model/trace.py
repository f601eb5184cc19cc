"""Where the time of a render went."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpanEvent:
    """An instant within a span, in nanoseconds since the epoch."""

    name: str
    time_ns: int
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Span:
    """One timed piece of a render, from `start_ns` to `end_ns` since the epoch."""

    span_id: str
    parent_span_id: str
    name: str
    service: str
    start_ns: int
    end_ns: int
    failed: bool
    attributes: Mapping[str, str]
    events: tuple[SpanEvent, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """All spans of one render, ordered by start."""

    trace_id: str
    render: str
    spans: tuple[Span, ...]
