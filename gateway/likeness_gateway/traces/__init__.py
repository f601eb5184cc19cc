"""Traces of renders: spans of this process and, over OTLP, of the others."""

from likeness_gateway.traces.store import SCHEMA, StoredEvent, StoredSpan, TraceStore

__all__ = ["SCHEMA", "StoredEvent", "StoredSpan", "TraceStore"]
