"""Spans of every process come together in one trace a render."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator

import grpc
import pytest
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2 as otlp_pb2
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

from likeness.gateway.v1 import render_service_pb2, trace_pb2
from likeness_common.errors import Reason, Unavailable
from likeness_common.telemetry import names, tracing
from likeness_gateway.pipeline import spans
from likeness_gateway.renders import admission
from likeness_gateway.traces.processor import StoreSpanProcessor
from tests.unit.gateway.conftest import Served, Stand
from tests.unit.gateway.requests import IMAGE, read, script, video
from tests.waiting import until
from tests.watched import Watched

pytestmark = pytest.mark.unit


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[TracerProvider]:
    """A tracer of this test only: the process-wide one can be set but once."""
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "likeness-gateway"}))
    for module in (admission, spans, tracing):
        monkeypatch.setattr(module, "tracer", provider.get_tracer("likeness"))
    yield provider
    provider.shutdown()


@pytest.fixture
async def traced(served: Served, provider: TracerProvider) -> Served:
    provider.add_span_processor(StoreSpanProcessor(served.gateway.traces))
    return served


async def get_trace(served: Served, name: str) -> trace_pb2.Trace:
    """Read a trace once its root, which ends last, is stored."""
    async with asyncio.timeout(10):
        while True:
            found = (await served.stub.GetTrace(render_service_pb2.GetTraceRequest(name=name))).trace
            if any(span.name == names.SPAN_RENDER for span in found.spans):
                return found
            await asyncio.sleep(0.02)


async def test_the_root_span_tells_when_the_first_output_came(traced: Served) -> None:
    seen = await read(traced.stub.RenderVideo(video()))
    found = await get_trace(traced, seen.name)
    assert seen.receipt is not None
    assert found.trace_id == seen.receipt.trace_id
    assert found.render == seen.name
    starts = [span.start_time.ToNanoseconds() for span in found.spans]
    assert starts == sorted(starts)
    root = found.spans[0]
    assert (root.name, root.parent_span_id, root.service) == ("render", "", "likeness-gateway")
    assert root.attributes[names.RENDER_ID] == seen.name.removeprefix("renders/")
    assert root.attributes[names.SEGMENTS] == str(len(seen.segments))
    assert [event.name for event in root.events] == ["first_audio", "first_frame", "first_segment"]
    instants = [int(event.attributes[names.MS_FROM_REQUEST]) for event in root.events]
    assert instants == sorted(instants)
    assert instants[-1] == seen.receipt.first_segment.ToMilliseconds()
    children = {span.name for span in found.spans[1:]}
    assert children == {"route", "tts.synthesize", "animator.portrait", "animator.animate", "compositor.compose"}
    assert {span.parent_span_id for span in found.spans[1:]} == {root.span_id}


async def test_other_services_export_over_otlp(traced: Served) -> None:
    seen = await read(traced.stub.RenderVideo(video()))
    assert seen.receipt is not None
    animator = TracerProvider(resource=Resource.create({SERVICE_NAME: "likeness-animator"}))
    exporter = OTLPSpanExporter(endpoint=f"http://{traced.address}", insecure=True)
    animator.add_span_processor(SimpleSpanProcessor(exporter))
    tracer, trace_id = animator.get_tracer("likeness"), seen.receipt.trace_id

    def export() -> None:
        with tracer.start_as_current_span("animator.animate", parent_of(trace_id)) as span:
            span.set_attribute(names.FRAMES, 50)
            span.set_attribute("script.text", "must not be kept")
            span.add_event(names.EVENT_FIRST_FRAME, {names.MS_FROM_REQUEST: 12.5, "text": "must not be kept"})
        with tracer.start_as_current_span("somebody else's", Context()):
            pass
        animator.shutdown()

    await asyncio.to_thread(export)
    found = await get_trace(traced, seen.name)
    (exported,) = [span for span in found.spans if span.service == "likeness-animator"]
    assert exported.parent_span_id == "00000000000000ff"
    assert dict(exported.attributes) == {names.FRAMES: "50"}
    assert dict(exported.events[0].attributes) == {names.MS_FROM_REQUEST: "12.5"}
    assert exported.end_time.ToNanoseconds() > exported.start_time.ToNanoseconds()


def export_of(trace_id: str, *spans: otlp_pb2.Span) -> trace_service_pb2.ExportTraceServiceRequest:
    """An export of one service, whose name is long."""
    for span in spans:
        span.trace_id = bytes.fromhex(trace_id)
    service = common_pb2.KeyValue(key=SERVICE_NAME, value=common_pb2.AnyValue(string_value="s" * 1_000))
    resource = otlp_pb2.ResourceSpans(
        resource=resource_pb2.Resource(attributes=[service]), scope_spans=[otlp_pb2.ScopeSpans(spans=spans)]
    )
    return trace_service_pb2.ExportTraceServiceRequest(resource_spans=[resource])


async def test_what_anyone_may_export_is_bounded(traced: Served) -> None:
    seen = await read(traced.stub.RenderVideo(video()))
    assert seen.receipt is not None
    collector = trace_service_pb2_grpc.TraceServiceStub(traced.channel)
    value = common_pb2.KeyValue(key=names.ENGINE, value=common_pb2.AnyValue(string_value="v" * 1_000))
    event = otlp_pb2.Span.Event(name="e" * 1_000, time_unix_nano=1, attributes=[value])
    late = otlp_pb2.Span.Event(name="late", time_unix_nano=2**64 - 1)
    good = otlp_pb2.Span(span_id=b"goodspan", name="n" * 1_000, attributes=[value], events=[late, *[event] * 300])
    await collector.Export(
        export_of(
            seen.receipt.trace_id,
            otlp_pb2.Span(span_id=b"12345678", name="late start", start_time_unix_nano=2**64 - 1),
            otlp_pb2.Span(span_id=b"12345678", name="late end", end_time_unix_nano=2**63),
            otlp_pb2.Span(span_id=b"x" * 1_000, name="long id"),
            otlp_pb2.Span(span_id=b"12345678", parent_span_id=b"x" * 1_000, name="long parent"),
            good,
        )
    )
    found = await get_trace(traced, seen.name)
    (kept,) = [span for span in found.spans if span.service.startswith("s")]
    assert (kept.name, kept.service) == ("n" * 200, "s" * 200)
    assert kept.attributes[names.ENGINE] == "v" * 200
    assert len(kept.events) == 99
    assert {event.name for event in kept.events} == {"e" * 200}


async def test_spans_of_strangers_are_not_kept(stand: Stand, traced: Served, provider: TracerProvider) -> None:
    with provider.get_tracer("x").start_as_current_span("stranger", Context()):
        pass
    await read(traced.stub.RenderVideo(video()))
    await until(lambda: "render" in {row["name"] for row in stored(stand)})
    assert "stranger" not in {row["name"] for row in stored(stand)}


async def test_failures_are_marked_with_their_reason_only(stand: Stand, traced: Served) -> None:
    stand.animator.faults.fail("batch", Unavailable(Reason.SERVICE_UNREACHABLE, "message with word1"), 3)
    seen = Watched()
    with pytest.raises(grpc.aio.AioRpcError):
        await read(traced.stub.RenderVideo(video()), seen)
    found = await get_trace(traced, seen.name)
    failed = {span.name for span in found.spans if span.failed}
    assert "render" in failed
    for span in found.spans:
        if span.failed:
            assert span.attributes[names.REASON] == "SERVICE_UNREACHABLE"
    assert "word1" not in json.dumps(stored(stand))


async def test_neither_script_nor_portrait_enters_the_trace(stand: Stand, traced: Served) -> None:
    seen = await read(traced.stub.RenderVideo(video()))
    await until(lambda: len(stored(stand)) >= 6)
    everything = json.dumps(stored(stand))
    for word in script().split():
        assert word not in everything
    assert IMAGE[3:].decode() not in everything
    assert seen.receipt is not None


async def test_every_render_has_its_own_trace_that_links_the_caller(traced: Served, provider: TracerProvider) -> None:
    ended: list[trace.Link] = []

    class Watcher(StoreSpanProcessor):
        def on_end(self, span: ReadableSpan) -> None:
            if span.name == "render":
                ended.extend(span.links)

    provider.add_span_processor(Watcher(traced.gateway.traces))
    caller = "0af7651916cd43dd8448eb211c80319c"
    metadata = (("traceparent", f"00-{caller}-b7ad6b7169203331-01"),)
    receipts = [(await read(traced.stub.RenderVideo(video(), metadata=metadata))).receipt for _ in range(2)]
    ids = {receipt.trace_id for receipt in receipts if receipt}
    assert len(ids) == 2
    assert caller not in ids
    assert [trace.format_trace_id(link.context.trace_id) for link in ended] == [caller, caller]


async def test_traces_go_with_their_renders(stand: Stand, provider: TracerProvider) -> None:
    async with stand.serving(keep_render_records=1) as served:
        provider.add_span_processor(StoreSpanProcessor(served.gateway.traces))
        await read(served.stub.RenderVideo(video()))
        await until(lambda: len(stored(stand)) >= 6)
        await served.gateway.housekeeping.sweep()
        assert stored(stand)
        seen = await read(served.stub.RenderVideo(video()))
        assert seen.receipt is not None
        await until(lambda: len({row["trace_id"] for row in stored(stand)}) == 2)
        await served.gateway.housekeeping.sweep()
        assert {row["trace_id"] for row in stored(stand)} == {seen.receipt.trace_id}


def stored(stand: Stand) -> list[dict[str, str]]:
    """Every span in the database."""
    with sqlite3.connect(stand.data / "gateway.sqlite") as connection:
        rows = connection.execute("SELECT span FROM spans").fetchall()
    connection.close()
    return [json.loads(span) for (span,) in rows]


def parent_of(trace_id: str) -> Context:
    """A context whose current span belongs to a trace."""
    parent = SpanContext(int(trace_id, 16), 0xFF, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return set_span_in_context(NonRecordingSpan(parent))
