"""The bootstrap that every service shares: health, reflection, errors, metrics, traces and an orderly end."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio
from opentelemetry.sdk.trace import SpanProcessor
from prometheus_client import start_http_server
from pydantic import Field
from pydantic_settings import BaseSettings

from likeness_common.allocator import keep_large_buffers
from likeness_common.errors import LikenessError
from likeness_common.grpc_errors import ErrorInterceptor
from likeness_common.reflection import add_reflection
from likeness_common.telemetry import tracing

log = logging.getLogger(__name__)

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
LAST_WORDS_S = 1.0
"""What calls get at least, when the work itself has taken all of the grace, to send how it ended."""

HEALTH_POLL_S = 2.0
HEALTH_TIMEOUT_S = 5.0

_ORPHAN_POLL_S = 0.5


class ServerSettings(BaseSettings):
    """Settings that every service has; each adds its own. Read once, in `__main__`, from LIKENESS_<SERVICE>_*."""

    listen: str = Field("127.0.0.1:0", description="Address to listen on, host:port.")
    grace_s: float = Field(30.0, ge=0, le=3600, description="Time that running calls get after SIGTERM, in seconds.")
    max_concurrent_rpcs: int = Field(256, ge=1, description="Calls served at once; more are refused.")
    metrics_listen: str = Field(
        "", pattern=r"^(\S+:\d+)?$", description="Address of Prometheus metrics, host:port; empty serves none."
    )
    otlp_endpoints: list[str] = Field([], description="OTLP/gRPC collectors, host:port, that get every span.")
    parent_pid: int = Field(0, ge=0, description="Exit when this process is no longer the parent; 0 never.")


@dataclass
class Service:
    """What a process serves.

    `register` adds servicers to the server; `proto_services` are their full names; `engines` maps further health
    names (such as `engine.mesh`) to whether they work, and `health`, when there is one, says it anew every few seconds;
    while it fails none of them serves. `drain` runs when SIGTERM arrives and `close` at the very end.
    """

    name: str
    proto_services: Sequence[str]
    register: Callable[[grpc.aio.Server], None]
    engines: dict[str, bool] = field(default_factory=dict)
    health: Callable[[], Awaitable[Mapping[str, bool]]] | None = None
    drain: Callable[[], Awaitable[None]] | None = None
    close: Callable[[], Awaitable[None]] | None = None
    span_processors: Sequence[SpanProcessor] = ()


def run(build: Callable[[], Awaitable[Service]], settings: ServerSettings) -> None:
    """Serve until SIGTERM or SIGINT. `build` runs inside the event loop. Returns when all is flushed and closed.

    A LikenessError of `build` ends the process with one line and status 1.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    keep_large_buffers()
    asyncio.run(_serve(build, settings))


async def _serve(build: Callable[[], Awaitable[Service]], settings: ServerSettings) -> None:
    try:
        service = await build()
    except LikenessError as error:
        sys.exit(f"error: {error.message}")
    provider = tracing.setup(service.name, settings.otlp_endpoints, service.span_processors)
    if settings.metrics_listen:
        host, _, metrics_port = settings.metrics_listen.rpartition(":")
        start_http_server(int(metrics_port), host)
    server = grpc.aio.server(
        interceptors=[ErrorInterceptor()],
        maximum_concurrent_rpcs=settings.max_concurrent_rpcs,
        options=[("grpc.so_reuseport", 0), ("grpc.keepalive_time_ms", 60_000)],
    )
    service.register(server)
    health = health_aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    add_reflection(server, service.proto_services)
    port = server.add_insecure_port(settings.listen)
    await _report_health(health, service)
    await server.start()
    log.info("%s listening on port %d", service.name, port)
    checking = asyncio.create_task(_keep_health_current(health, service))
    try:
        await _until_told_to_stop(settings.parent_pid)
        checking.cancel()
        log.info("%s draining", service.name)
        await health.enter_graceful_shutdown()
        await _end_calls(server, service, settings.grace_s)
    finally:
        checking.cancel()
        if service.close:
            await service.close()
        await asyncio.to_thread(provider.shutdown)
        log.info("%s stopped", service.name)


async def _end_calls(server: grpc.aio.Server, service: Service, grace_s: float) -> None:
    """Let the work and then the calls end, both within one grace."""
    end = time.monotonic() + grace_s
    if service.drain:
        await service.drain()
    await server.stop(max(LAST_WORDS_S, end - time.monotonic()))


async def _report_health(health: health_aio.HealthServicer, service: Service) -> None:
    for name in ("", "liveness", "readiness", *service.proto_services):
        await health.set(name, SERVING)
    await _report_engines(health, service.engines)


async def _report_engines(health: health_aio.HealthServicer, engines: Mapping[str, bool]) -> None:
    for name, works in engines.items():
        await health.set(name, SERVING if works else NOT_SERVING)


async def _keep_health_current(health: health_aio.HealthServicer, service: Service) -> None:
    """Ask the service again and again which of its engines work."""
    if service.health is None:
        return
    engines, failing = service.engines, False
    while True:
        await asyncio.sleep(HEALTH_POLL_S)
        try:
            async with asyncio.timeout(HEALTH_TIMEOUT_S):
                found = await service.health()
            engines, failing = {**dict.fromkeys(engines, False), **found}, False
        except Exception as error:
            if not failing:
                log.warning("no engine serves, because asking for them failed: %r", error)
            engines, failing = dict.fromkeys(engines, False), True
        await _report_engines(health, engines)


async def _until_told_to_stop(parent_pid: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _ORPHAN_POLL_S)
        if parent_pid and os.getppid() != parent_pid:
            log.warning("the parent process is gone")
            return
