"""Whatever ends a render early, the caller learns why, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import grpc
import psutil
import pytest

from likeness.gateway.v1 import render_pb2, render_service_pb2, render_service_pb2_grpc
from tests.e2e.conftest import upload
from tests.e2e.stack import Stack, wait_until
from tests.e2e.watching import spec, watch
from tests.watched import Watched, error_info

pytestmark = pytest.mark.e2e

LONG = "This sentence is here to keep the renderer busy for quite a while. " * 60
STOP_S = 1.0
"""All work of a render that has ended early stops within this time."""

CLIENT = """
import sys, grpc
from likeness.gateway.v1 import render_service_pb2, render_service_pb2_grpc
stub = render_service_pb2_grpc.RenderServiceStub(grpc.insecure_channel(sys.argv[1]))
request = render_service_pb2.RenderVideoRequest.FromString(sys.stdin.buffer.read())
for response in stub.RenderVideo(request):
    if response.WhichOneof("event") == "accepted":
        print(response.accepted.render, flush=True)
    if response.WhichOneof("event") == "segment":
        print("segment", flush=True)
"""


class Footprint:
    """What the services hold: processes, temporary files, files of renders, callers' sockets."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.before = self.now()
        wait_until(self._at_rest, 10, "the stack does not come to rest")

    def _at_rest(self) -> bool:
        """Whether nothing changes for a while: the connection that waited for the start may still be closing."""
        time.sleep(0.5)
        earlier, self.before = self.before, self.now()
        return earlier == self.before

    def now(self) -> dict[str, object]:
        processes = self.stack.processes()
        return {
            "processes": sorted(process.pid for process in processes),
            "temporary files": sorted(path.name for path in self.stack.temporary.rglob("*")),
            "files of renders": sorted(path.name for path in self.stack.data.rglob("renders/*")),
            "open files": {
                process.pid: sorted(file.path for file in process.open_files() if "render" in file.path)
                for process in processes
            },
            "callers": _callers(processes),
        }

    def assert_restored(self) -> None:
        wait_until(lambda: self.now() == self.before, 10, f"{self.now()} is {self.before}")


def _callers(processes: list[psutil.Process]) -> int:
    """Count connections that lead out of the stack; those between services stay open for the next render."""
    connections = [connection for process in processes for connection in process.net_connections("inet")]
    ours = {connection.laddr for connection in connections}
    return sum(bool(connection.raddr) and connection.raddr not in ours for connection in connections)


def _mid_stream(call) -> Watched:
    """Read until two media segments have come."""
    seen = Watched()
    for response in call:
        seen.take(response)
        if len(seen.segments) >= 3:
            return seen
    raise AssertionError("the stream ended too early")


def _idle(stack: Stack, seconds: float = 0.5, share: float = 0.25) -> bool:
    """Whether all services together use less than `share` of a core over `seconds`."""
    processes = stack.processes()

    def used() -> float:
        return sum(sum(process.cpu_times()[:2]) for process in processes)

    before = used()
    time.sleep(seconds)
    return used() - before < share * seconds


def _state(renders: render_service_pb2_grpc.RenderServiceStub, name: str) -> render_pb2.Render:
    return renders.GetRender(render_service_pb2.GetRenderRequest(name=name)).render


def _next_render_works(renders: render_service_pb2_grpc.RenderServiceStub, portrait_id: str) -> None:
    film = watch(renders.RenderVideo(render_service_pb2.RenderVideoRequest(spec=spec("Still here.", portrait_id))))
    film.check_segments()
    assert film.receipt is not None
    renders.CancelRender(render_service_pb2.CancelRenderRequest(name=film.name))


@pytest.fixture
def long_request(portrait_id: str) -> render_service_pb2.RenderVideoRequest:
    return render_service_pb2.RenderVideoRequest(spec=spec(LONG, portrait_id))


def _assert_stopped(stack: Stack, renders, name: str, ended: float) -> None:
    wait_until(
        lambda: _state(renders, name).state == render_pb2.RENDER_STATE_CANCELLED,
        10,
        "the render is cancelled",
    )
    time.sleep(max(0.0, ended + STOP_S - time.monotonic()))
    assert _idle(stack), "a stage still works a second after the render has ended"


def test_a_cancelled_call_stops_everything(stack: Stack, renders, portrait_id, long_request) -> None:
    _next_render_works(renders, portrait_id)
    footprint = Footprint(stack)
    call = renders.RenderVideo(long_request)
    seen = _mid_stream(call)
    call.cancel()
    ended = time.monotonic()
    _assert_stopped(stack, renders, seen.name, ended)
    footprint.assert_restored()
    _next_render_works(renders, portrait_id)


def test_cancel_render_ends_the_stream_with_its_reason(stack: Stack, renders, portrait_id, long_request) -> None:
    call = renders.RenderVideo(long_request)
    seen = _mid_stream(call)
    renders.CancelRender(render_service_pb2.CancelRenderRequest(name=seen.name))
    ended = time.monotonic()
    with pytest.raises(grpc.RpcError) as caught:
        watch(call)
    assert caught.value.code() is grpc.StatusCode.CANCELLED
    assert error_info(caught.value).reason == "RENDER_CANCELLED"
    _assert_stopped(stack, renders, seen.name, ended)
    _next_render_works(renders, portrait_id)


@pytest.mark.parametrize("how", ["of the call", "of the request"])
def test_a_deadline_ends_the_stream_with_its_reason(stack: Stack, renders, portrait_id, long_request, how) -> None:
    footprint = Footprint(stack)
    if how == "of the request":
        long_request.spec.script.text = LONG[:200]  # what would miss its limit by far is not even begun
        long_request.spec.finish_within.FromSeconds(1)
        call = renders.RenderVideo(long_request)
    else:
        call = renders.RenderVideo(long_request, timeout=1.0)
    with pytest.raises(grpc.RpcError) as caught:
        watch(call)
    ended = time.monotonic()
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert error_info(caught.value).reason == "DEADLINE_EXCEEDED"
    time.sleep(max(0.0, ended + STOP_S - time.monotonic()))
    assert _idle(stack)
    footprint.assert_restored()
    _next_render_works(renders, portrait_id)


def test_a_killed_client_stops_everything(stack: Stack, renders, portrait_id, long_request) -> None:
    footprint = Footprint(stack)
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, stack.address], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert client.stdin is not None
    assert client.stdout is not None
    client.stdin.write(long_request.SerializeToString())
    client.stdin.close()
    name = client.stdout.readline().decode().strip()
    for _ in range(3):
        assert client.stdout.readline() == b"segment\n"
    client.kill()
    ended = time.monotonic()
    client.wait()
    client.stdout.close()
    _assert_stopped(stack, renders, name, ended)
    footprint.assert_restored()
    _next_render_works(renders, portrait_id)


@pytest.mark.parametrize("service", ["tts", "animator", "compositor"])
def test_a_killed_service_is_named_and_comes_back(stack: Stack, renders, photo, long_request, service) -> None:
    call = renders.RenderVideo(long_request)
    seen = _mid_stream(call)
    victim = stack.service(service)
    os.kill(victim.pid, signal.SIGKILL)
    with pytest.raises(grpc.RpcError) as caught:
        watch(call)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    info = error_info(caught.value)
    assert (info.reason, info.metadata["service"]) == ("SERVICE_UNREACHABLE", service)
    assert _state(renders, seen.name).state == render_pb2.RENDER_STATE_FAILED
    wait_until(lambda: _replaced(stack, service, victim), 30, f"{service} was started again")
    portrait = upload_when_back(renders, photo)
    _next_render_works(renders, portrait)
    assert _idle(stack)


def _replaced(stack: Stack, service: str, victim: psutil.Process) -> bool:
    try:
        return stack.service(service).pid != victim.pid
    except AssertionError:
        return False


def upload_when_back(renders: render_service_pb2_grpc.RenderServiceStub, photo: bytes) -> str:
    """Upload, trying again while the answer says so."""
    end = time.monotonic() + 30
    attempt: Callable[[], str] = lambda: upload(renders, photo).id  # noqa: E731  # named for the loop below
    while True:
        try:
            return attempt()
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE or time.monotonic() > end:
                raise
            time.sleep(0.2)


def test_a_killed_gateway_forgets_nothing_that_was_asked_to_continue(stack: Stack, photo, long_request) -> None:
    with stack.renders() as renders:
        long_request.on_disconnect = render_pb2.ON_DISCONNECT_CONTINUE
        long_request.spec.script.text = LONG[:400]
        call = renders.RenderVideo(long_request)
        seen = _mid_stream(call)
        victim = stack.service("gateway")
        os.kill(victim.pid, signal.SIGKILL)
        with pytest.raises(grpc.RpcError):
            watch(call)
    wait_until(lambda: _replaced(stack, "gateway", victim), 30, "the gateway was started again")
    stack.wait_ready()
    with stack.renders() as renders:
        last = seen.segments[-1].sequence
        rest = watch(renders.WatchRender(render_service_pb2.WatchRenderRequest(name=seen.name, after_sequence=last)))
        whole = watch(renders.WatchRender(render_service_pb2.WatchRenderRequest(name=seen.name)))
    assert seen.video + rest.video == whole.video
    whole.check_segments()
