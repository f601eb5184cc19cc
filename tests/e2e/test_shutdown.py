"""SIGTERM during a render: no new work, the render finishes, traces are flushed, exit 0."""

import threading
from pathlib import Path

import grpc
import psutil
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from likeness.gateway.v1 import render_service_pb2
from tests.e2e.conftest import upload
from tests.e2e.stack import Stack
from tests.e2e.watching import spec, watch

pytestmark = pytest.mark.e2e

TEXT = "The server was told to stop, but this film is going to be finished first. " * 6


def test_sigterm_drains(tmp_path: Path, photo: bytes) -> None:
    stack = Stack(tmp_path)
    try:
        stack.wait_ready()
        with stack.renders() as renders, grpc.insecure_channel(stack.address) as channel:
            portrait = upload(renders, photo)
            health = _health_changes(channel)
            assert next(health) == health_pb2.HealthCheckResponse.SERVING
            call = renders.RenderVideo(render_service_pb2.RenderVideoRequest(spec=spec(TEXT, portrait.id)))
            responses = iter(call)
            opening = [next(responses) for _ in range(4)]
            processes = stack.processes()
            exit_status: list[int] = []
            stopper = threading.Thread(target=lambda: exit_status.append(stack.stop()))
            stopper.start()
            assert next(health) == health_pb2.HealthCheckResponse.NOT_SERVING
            film = watch([*opening, *responses])
            stopper.join()
    finally:
        stack.stop()
    film.check_segments()
    assert film.receipt is not None
    assert exit_status == [0]
    _, alive = psutil.wait_procs(processes, timeout=5)
    assert alive == []
    log = stack.log.read_text()
    assert "Traceback" not in log
    assert list(stack.temporary.rglob("*")) == []
    assert _services_in_trace(stack, film.receipt.trace_id) == {"gateway", "tts", "animator", "compositor"}


def _services_in_trace(stack: Stack, trace_id: str) -> set[str]:
    """Which services' spans the gateway still stored, read by a gateway that starts on the same folder."""
    after = Stack(stack.root)
    try:
        after.wait_ready()
        with after.renders() as renders:
            newest = renders.ListRenders(render_service_pb2.ListRendersRequest(page_size=1)).renders[0]
            trace = renders.GetTrace(render_service_pb2.GetTraceRequest(name=newest.name)).trace
    finally:
        after.stop()
    assert trace.trace_id == trace_id
    return {span.service.removeprefix("likeness-") for span in trace.spans}


def _health_changes(channel: grpc.Channel):
    stub = health_pb2_grpc.HealthStub(channel)
    watching = stub.Watch(health_pb2.HealthCheckRequest(service="readiness"))  # type: ignore[attr-defined]
    for response in watching:
        yield response.status


def test_services_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    stack.wait_ready()
    processes = stack.processes()
    stack.process.kill()
    stack.process.wait()
    _, alive = psutil.wait_procs(processes, timeout=10)
    for process in alive:
        process.kill()
    assert alive == []
