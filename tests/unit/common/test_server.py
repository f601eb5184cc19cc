"""The shared bootstrap: health, reflection and an orderly end, in a real process."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio
from grpc_reflection.v1alpha import reflection_pb2

from likeness_common import server

pytestmark = pytest.mark.unit

PROGRAM = """
import asyncio, sys
from likeness_common.server import ServerSettings, Service, run

async def build():
    async def close():
        print("closed", flush=True)
    return Service("probe", ["likeness.tts.v1.SpeechService"], lambda server: None, {"engine.x": False}, close=close)

run(build, ServerSettings(listen=sys.argv[1], grace_s=1, parent_pid=int(sys.argv[2])))
"""


class Probe:
    def __init__(self, tmp_path: Path, parent_pid: int = 0) -> None:
        self.address = f"unix:{tmp_path}/probe.sock"
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, self.address, str(parent_pid)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    async def output_after_exit(self) -> str:
        output, _ = await asyncio.to_thread(self.process.communicate, timeout=30)
        return str(output)


@pytest.fixture
async def probe(tmp_path: Path) -> AsyncIterator[Probe]:
    running = Probe(tmp_path)
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.communicate()


async def _health(channel: grpc.aio.Channel, name: str) -> int:
    stub: Any = health_pb2_grpc.HealthStub(channel)  # the stubs lack its methods
    response = await stub.Check(health_pb2.HealthCheckRequest(service=name), wait_for_ready=True, timeout=20)
    return int(response.status)


async def test_health_is_per_service_and_per_engine(probe: Probe) -> None:
    async with grpc.aio.insecure_channel(probe.address) as channel:
        assert await _health(channel, "") == health_pb2.HealthCheckResponse.SERVING
        assert await _health(channel, "likeness.tts.v1.SpeechService") == health_pb2.HealthCheckResponse.SERVING
        assert await _health(channel, "engine.x") == health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_lists_the_services(probe: Probe, version: str) -> None:
    async with grpc.aio.insecure_channel(probe.address) as channel:
        call = channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        requests = [reflection_pb2.ServerReflectionRequest(list_services="")]
        responses = [response async for response in call(iter(requests), wait_for_ready=True, timeout=20)]
    names = {service.name for service in responses[0].list_services_response.service}
    assert {"likeness.tts.v1.SpeechService", "grpc.health.v1.Health"} <= names


async def test_sigterm_turns_health_off_closes_and_exits_0(probe: Probe) -> None:
    async with grpc.aio.insecure_channel(probe.address) as channel:
        await _health(channel, "")
        stub: Any = health_pb2_grpc.HealthStub(channel)  # the stubs lack its methods
        watch = stub.Watch(health_pb2.HealthCheckRequest())
        states = [(await watch.read()).status]
        probe.process.send_signal(signal.SIGTERM)
        states.append((await watch.read()).status)
        watch.cancel()
    output = await probe.output_after_exit()
    assert states == [health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING]
    assert probe.process.returncode == 0
    assert "closed" in output


async def test_a_service_whose_parent_is_gone_ends_itself(tmp_path: Path) -> None:
    orphan = Probe(tmp_path, parent_pid=os.getppid())
    output = await orphan.output_after_exit()
    assert orphan.process.returncode == 0
    assert "parent process is gone" in output


async def test_health_follows_what_the_service_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEALTH_POLL_S", 0.01)
    both, one = {"engine.x": True, "engine.y": True}, {"engine.y": True}
    answers: list[dict[str, bool] | Exception] = [both, OSError("gone"), one]
    told = health_aio.HealthServicer()
    seen, done = [], asyncio.Event()

    async def health() -> dict[str, bool]:
        statuses = [await _told(told, name) for name in ("engine.x", "engine.y")]
        seen.append(statuses)
        if not answers:
            done.set()
            await asyncio.Event().wait()
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    service = server.Service("probe", [], lambda _: None, {"engine.x": False}, health)
    await server._report_health(told, service)
    checking = asyncio.create_task(server._keep_health_current(told, service))
    await done.wait()
    checking.cancel()
    on, off = server.SERVING, server.NOT_SERVING
    assert seen == [[off, None], [on, on], [off, off], [off, on]]


async def test_health_that_hangs_is_no_health(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEALTH_POLL_S", 0.01)
    monkeypatch.setattr(server, "HEALTH_TIMEOUT_S", 0.01)
    told = health_aio.HealthServicer()

    async def health() -> dict[str, bool]:
        await asyncio.Event().wait()
        return {}

    service = server.Service("probe", [], lambda _: None, {"engine.x": True}, health)
    await server._report_health(told, service)
    assert await _told(told, "engine.x") == server.SERVING
    checking = asyncio.create_task(server._keep_health_current(told, service))
    while await _told(told, "engine.x") != server.NOT_SERVING:  # noqa: ASYNC110  # health signals nothing to us
        await asyncio.sleep(0.01)
    checking.cancel()


async def _told(health: health_aio.HealthServicer, name: str) -> int | None:
    """What callers are told of a name, or None when it is not known."""
    context: Any = Unknown()
    response = await health.Check(health_pb2.HealthCheckRequest(service=name), context)
    return None if context.aborted else int(response.status)


class Unknown:
    """The context of a call, as far as the health service uses it."""

    aborted = False

    async def abort(self, *_: object) -> None:
        self.aborted = True


class Stopped:
    """Notes the grace that calls get."""

    def __init__(self) -> None:
        self.graces: list[float] = []

    async def stop(self, grace: float | None) -> None:
        self.graces.append(grace or 0.0)


@pytest.mark.parametrize(("work_s", "grace_s", "least", "most"), [(0.0, 60.0, 50.0, 60.0), (0.2, 0.1, 1.0, 1.0)])
async def test_work_and_calls_share_one_grace(work_s: float, grace_s: float, least: float, most: float) -> None:
    async def drain() -> None:
        await asyncio.sleep(work_s)

    calls: Any = Stopped()
    await server._end_calls(calls, server.Service("probe", [], lambda _: None, drain=drain), grace_s)
    (grace,) = calls.graces
    assert least <= grace <= most


async def test_a_service_that_cannot_be_built_says_why_in_one_line(tmp_path: Path) -> None:
    program = PROGRAM.replace(
        "async def build():",
        "from likeness_common.errors import FailedPrecondition, Reason\n"
        "async def build():\n"
        "    raise FailedPrecondition(Reason.SERVICE_UNREACHABLE, 'the folder is in use')",
    )
    arguments = [sys.executable, "-c", program, f"unix:{tmp_path}/probe.sock", "0"]
    ended = await asyncio.to_thread(subprocess.run, arguments, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert ended.stderr == "error: the folder is in use\n"
