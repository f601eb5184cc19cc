"""Trace context crosses gRPC metadata, and one deadline reaches all tasks of a render."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from likeness_common import deadline
from likeness_common.telemetry import tracing

pytestmark = pytest.mark.unit


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "tracer", provider.get_tracer("test"))
    return exporter


def test_a_handler_continues_the_callers_trace(spans: InMemorySpanExporter) -> None:
    with tracing.tracer.start_as_current_span("caller"):
        metadata = tracing.outgoing_metadata()
    context: Any = SimpleNamespace(invocation_metadata=lambda: metadata)
    with tracing.incoming_span("handler", context):
        pass
    caller, handler = spans.get_finished_spans()
    assert handler.parent is not None
    assert handler.parent.span_id == caller.context.span_id
    assert handler.context.trace_id == caller.context.trace_id
    assert handler.kind is trace.SpanKind.SERVER


def test_without_a_span_nothing_is_sent() -> None:
    assert tracing.outgoing_metadata() == ()


async def test_tasks_inherit_the_deadline_and_do_not_leak_it() -> None:
    async def work() -> float | None:
        deadline.set_deadline(50)
        return await asyncio.create_task(_remaining())

    inner = await asyncio.create_task(work())
    assert inner is not None
    assert 0 < inner <= 50
    assert deadline.remaining() is None


async def _remaining() -> float | None:
    return deadline.remaining()


def test_a_deadline_that_has_passed_leaves_nothing() -> None:
    deadline.set_deadline(-1)
    assert deadline.remaining() == 0
    deadline.set_deadline(None)
    assert deadline.remaining() is None
