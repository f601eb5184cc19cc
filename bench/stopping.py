"""How soon all work for a render stops: cancelled, out of time, its client killed, or a service killed.

For each cause, prints when the caller's stream ended, when the record of the render said so, and when the last of the
four services stopped using the processor.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import grpc
import psutil

from bench import report, servers
from likeness.gateway.v1 import render_pb2, render_service_pb2, render_service_pb2_grpc
from likeness.media.v1 import video_pb2
from tests.e2e.stack import SERVICES, Stack, wait_until
from tests.e2e.test_failures import CLIENT, upload_when_back

Stub = render_service_pb2_grpc.RenderServiceStub
QUIET_S = 0.4
"""Services count as stopped once they have used almost nothing for this long."""

ENDED = {render_pb2.RENDER_STATE_CANCELLED, render_pb2.RENDER_STATE_FAILED}


class Activity(threading.Thread):
    """Notes when any of `processes` last used the processor."""

    def __init__(self, processes: list[psutil.Process]) -> None:
        super().__init__(daemon=True)
        self._processes = processes
        self._stopped = threading.Event()
        self.last = time.perf_counter()

    def run(self) -> None:
        """Sample every 20 ms; a scheduler tick within 100 ms is an idle process breathing."""
        used: list[tuple[float, float]] = []
        while not self._stopped.wait(0.02):
            now = time.perf_counter()
            used.append((now, sum(map(_cpu_seconds, self._processes))))
            recent = [total for at, total in used[-6:] if now - at < 0.12]
            if recent[-1] - recent[0] > 0.015:
                self.last = now

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self.join()


def _cpu_seconds(process: psutil.Process) -> float:
    try:
        return sum(process.cpu_times()[:2])
    except psutil.NoSuchProcess:
        return 0.0


def measure(stack: Stack, renders: Stub, portrait_id: str, cause: Callable[[Any], None], **call: Any) -> dict[str, Any]:
    """Start a long render, let two segments come, apply `cause` to its call, and see what stops when."""
    stream = renders.RenderVideo(servers.request(1500, portrait_id), **call)
    name = ""
    for response in stream:
        name = name or response.accepted.render
        if response.segment.kind == video_pb2.SEGMENT_KIND_MEDIA and response.segment.sequence >= 2:
            break
    watching = Activity([stack.service(service) for service in SERVICES])
    watching.start()
    began = time.perf_counter()
    cause(stream)
    status = _status(stream)
    return {"status": status, "stream_ms": _since(began)} | _settle(renders, watching, name, began)


def _status(stream: Any) -> str:
    try:
        for _ in stream:
            pass
    except grpc.RpcError as error:
        return str(error.code().name)
    return "OK"


def _settle(renders: Stub, watching: Activity, name: str, began: float) -> dict[str, float]:
    request = render_service_pb2.GetRenderRequest(name=name)
    wait_until(lambda: renders.GetRender(request).render.state in ENDED, 10, "the render has ended")
    recorded = _since(began)
    wait_until(lambda: time.perf_counter() - watching.last > QUIET_S, 10, "the services are quiet")
    watching.stop()
    return {"record_ms": recorded, "work_ms": max(0.0, (watching.last - began) * 1e3)}


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1e3


def killed_client(stack: Stack, renders: Stub, portrait_id: str) -> dict[str, Any]:
    """Like measure, for a client in a process of its own that is killed."""
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, stack.address], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert client.stdin is not None
    assert client.stdout is not None
    client.stdin.write(servers.request(1500, portrait_id).SerializeToString())
    client.stdin.close()
    name = client.stdout.readline().decode().strip()
    for _ in range(3):
        client.stdout.readline()
    watching = Activity([stack.service(service) for service in SERVICES])
    watching.start()
    began = time.perf_counter()
    client.kill()
    client.wait()
    client.stdout.close()
    return {"status": "(gone)", "stream_ms": 0.0} | _settle(renders, watching, name, began)


def kill(stack: Stack, service: str) -> Callable[[Any], None]:
    """Return a cause that kills a service."""
    return lambda _: os.kill(stack.service(service).pid, signal.SIGKILL)


def main() -> None:
    """Measure every cause and print."""
    options = report.parser(__doc__ or "").parse_args()
    rows: dict[str, dict[str, Any]] = {}
    with servers.running() as (stack, renders, portrait_id):
        rows["client cancels"] = measure(stack, renders, portrait_id, lambda stream: stream.cancel())
        # Counted from the second segment on, so the stream ends somewhat less than 2 s after that.
        rows["deadline of 2 s"] = measure(stack, renders, portrait_id, lambda _: None, timeout=2.0)
        rows["client killed -9"] = killed_client(stack, renders, portrait_id)
        photo = next(stack.data.rglob(f"*{portrait_id}*")).read_bytes()
        for service in ("tts", "animator", "compositor"):
            rows[f"{service} killed -9"] = measure(stack, renders, portrait_id, kill(stack, service))
            upload_when_back(renders, photo)
    if options.json:
        report.emit_json(rows)
        return
    report.table(
        "Until a render that has ended early is gone, in ms from the cause",
        ("cause", "status", "stream ended", "record ended", "work stopped"),
        [(cause, row["status"], row["stream_ms"], row["record_ms"], row["work_ms"]) for cause, row in rows.items()],
    )


if __name__ == "__main__":
    main()
