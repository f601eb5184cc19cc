"""One trace a render, from all four services: read back from the gateway and received by a real collector."""

import threading
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1 import trace_pb2

from likeness.gateway.v1 import render_service_pb2
from tests.e2e.conftest import upload
from tests.e2e.stack import Stack, wait_until
from tests.e2e.watching import spec, watch
from tests.watched import Watched

pytestmark = pytest.mark.e2e

SERVICES = {"likeness-gateway", "likeness-tts", "likeness-animator", "likeness-compositor"}
SPOKEN = "Pomegranate lighthouse."


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps the spans it is sent, by service."""

    def __init__(self) -> None:
        self.spans: dict[str, list[trace_pb2.Span]] = {}
        self.lock = threading.Lock()

    def Export(self, request, context):
        with self.lock:
            for resource in request.resource_spans:
                names = {item.key: item.value.string_value for item in resource.resource.attributes}
                spans = [span for scope in resource.scope_spans for span in scope.spans]
                self.spans.setdefault(names["service.name"], []).extend(spans)
        return trace_service_pb2.ExportTraceServiceResponse()

    def of(self, trace_id: str) -> dict[str, list[trace_pb2.Span]]:
        with self.lock:
            return {
                service: [span for span in spans if span.trace_id.hex() == trace_id]
                for service, spans in self.spans.items()
            }


@pytest.fixture(scope="module")
def collector() -> Iterator[tuple[Collector, int]]:
    servicer = Collector()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer, port
    server.stop(0).wait()


@pytest.fixture(scope="module")
def traced(collector: tuple[Collector, int], tmp_path_factory, photo: bytes) -> Iterator[tuple[Stack, Watched]]:
    _, port = collector
    root = Path(tmp_path_factory.mktemp("traced"))
    stack = Stack(root, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}")
    try:
        stack.wait_ready()
        with stack.renders() as renders:
            portrait = upload(renders, photo)
            request = render_service_pb2.RenderVideoRequest(spec=spec(SPOKEN, portrait.id))
            yield stack, watch(renders.RenderVideo(request))
    finally:
        stack.stop()


def test_get_trace_returns_one_tree_with_all_services(traced: tuple[Stack, Watched]) -> None:
    stack, film = traced
    with stack.renders() as renders:
        request = render_service_pb2.GetTraceRequest(name=film.name)
        wait_until(
            lambda: {span.service for span in renders.GetTrace(request).trace.spans} == SERVICES,
            10,
            "the gateway has the spans of all services",
        )
        trace = renders.GetTrace(request).trace
    assert film.receipt is not None
    assert trace.trace_id == film.receipt.trace_id
    ids = {span.span_id for span in trace.spans}
    roots = [span for span in trace.spans if span.parent_span_id not in ids]
    assert [root.name for root in roots] == ["render"]
    events = {event.name: event for event in roots[0].events}
    moments = [
        int(events[name].attributes["likeness.ms_from_request"])
        for name in ("first_audio", "first_frame", "first_segment")
    ]
    assert moments == sorted(moments)
    for span in trace.spans:
        assert span.start_time.ToNanoseconds() <= span.end_time.ToNanoseconds()
        assert not span.failed
    assert "Pomegranate" not in str(trace)


def test_a_collector_receives_the_same_trace(traced: tuple[Stack, Watched], collector: tuple[Collector, int]) -> None:
    _, film = traced
    assert film.receipt is not None
    trace_id = film.receipt.trace_id
    servicer, _ = collector
    wait_until(
        lambda: {service for service, spans in servicer.of(trace_id).items() if spans} == SERVICES,
        10,
        "the collector has the spans of all services",
    )
    assert "Pomegranate" not in str(servicer.of(trace_id))
