"""Four real service processes under `likeness serve`, and what they leave behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import grpc
import psutil
from grpc_health.v1 import health_pb2, health_pb2_grpc

from likeness.gateway.v1 import render_service_pb2_grpc

SERVICES = ("tts", "animator", "compositor", "gateway")
START_TIMEOUT_S = 60.0
LIKENESS = str(Path(sys.executable).with_name("likeness"))


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition, timeout_s: float, what: str) -> None:
    """Poll until `condition()` holds; fail after `timeout_s`."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"still not so after {timeout_s} s: {what}")
        time.sleep(0.05)


class Stack:
    """One `likeness serve`. Its data, temporary files and log live under `root`."""

    def __init__(self, root: Path, command: Sequence[str] = (LIKENESS,), **environment: str) -> None:
        self.root = root
        self._command = command
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.data = root / "data"
        self.temporary = root / "tmp"
        self.temporary.mkdir(parents=True, exist_ok=True)
        self.log = root / "serve.log"
        self._environment = environment
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        environment = {
            **os.environ,
            "XDG_DATA_HOME": str(self.data),
            "TMPDIR": str(self.temporary),
            "GRPC_VERBOSITY": "ERROR",
            **self._environment,
        }
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*self._command, "serve", "--port", str(self.port)],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        """Return when the gateway is healthy; fail with the log when it never is."""
        try:
            with grpc.insecure_channel(self.address) as channel:
                grpc.channel_ready_future(channel).result(timeout=START_TIMEOUT_S)
                request = health_pb2.HealthCheckRequest(service="readiness")
                wait_until(
                    lambda: (
                        health_pb2_grpc.HealthStub(channel).Check(request).status  # type: ignore[attr-defined]
                        == health_pb2.HealthCheckResponse.SERVING
                    ),
                    START_TIMEOUT_S,
                    "gateway is ready",
                )
        except (grpc.FutureTimeoutError, AssertionError) as error:
            raise AssertionError(f"likeness serve did not start:\n{self.log.read_text()}") from error

    def service(self, name: str) -> psutil.Process:
        """Return the running process of a service."""
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if f"likeness_{name}" in process.cmdline():
                    return process
        raise AssertionError(f"no {name} process under likeness serve:\n{self.log.read_text()}")

    def processes(self) -> list[psutil.Process]:
        """Every process under `likeness serve`, and itself."""
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    def stop(self) -> int:
        """Send SIGTERM, wait, and return the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise

    @contextlib.contextmanager
    def renders(self) -> "Iterator[render_service_pb2_grpc.RenderServiceStub]":
        """Open a synchronous client of the gateway."""
        with grpc.insecure_channel(self.address) as channel:
            yield render_service_pb2_grpc.RenderServiceStub(channel)
