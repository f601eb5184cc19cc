"""The service as a process, with the real engine."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from numpy.typing import NDArray

from likeness_animator.settings import Settings
from likeness_common.clients import RemoteAnimator, open_channel
from likeness_common.errors import FailedPrecondition, Reason
from likeness_common.media import AudioChunk, VideoFormat
from likeness_common.stages.animator import AnimationOptions
from likeness_common.weights import WeightStore, default_root

pytestmark = pytest.mark.unit

Running = tuple[str, "subprocess.Popen[str]"]
OPTIONS = AnimationOptions(VideoFormat(64, 64))


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert Settings().weights_root == default_root()
    monkeypatch.setenv("LIKENESS_ANIMATOR_MAX_SESSIONS", "3")
    monkeypatch.setenv("LIKENESS_ANIMATOR_WEIGHTS_ROOT", str(tmp_path))
    settings = Settings()
    assert (settings.max_sessions, settings.weights_root) == (3, tmp_path)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    processes: list[subprocess.Popen[str]] = []

    def launch(**environment: str) -> Running:
        address = f"unix:{tmp_path}/animator.sock"
        process = subprocess.Popen(
            [sys.executable, "-m", "likeness_animator"],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "LIKENESS_ANIMATOR_LISTEN": address, **environment},
        )
        processes.append(process)
        assert process.stderr
        while "listening" not in process.stderr.readline():
            assert process.poll() is None
        return address, process

    yield launch
    for process in processes:
        process.kill()
        process.communicate()


async def test_it_draws_and_ends_in_order(
    start: Callable[..., Running], weights: WeightStore, astronaut: NDArray[np.uint8], encode: Callable[..., bytes]
) -> None:
    address, process = start()
    async with open_channel(address) as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)  # the stubs lack its methods
        status = await health.Check(health_pb2.HealthCheckRequest(service="engine.mesh"))
        assert status.status == health_pb2.HealthCheckResponse.SERVING
        remote = RemoteAnimator(channel)
        portrait = await remote.upload_portrait(encode(astronaut, "JPEG", quality=95))
        async with remote.open(portrait.id, OPTIONS) as session:
            await session.push(AudioChunk(0, 0, bytes(2 * 9600)))
            await session.finish()
            batches = [batch async for batch in session.frames()]
    assert sum(batch.count for batch in batches) == 10
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


async def test_without_weights_it_says_what_to_do(start: Callable[..., Running], tmp_path: Path) -> None:
    address, _ = start(LIKENESS_ANIMATOR_WEIGHTS_ROOT=str(tmp_path / "none"))
    async with open_channel(address) as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)  # the stubs lack its methods
        status = await health.Check(health_pb2.HealthCheckRequest(service="engine.mesh"))
        assert status.status == health_pb2.HealthCheckResponse.NOT_SERVING
        remote = RemoteAnimator(channel)
        assert "likeness models pull face" in (await remote.engines())[0].unavailable_reason
        with pytest.raises(FailedPrecondition, match="likeness models pull face") as raised:
            await remote.upload_portrait(b"\xff\xd8\xff")
        assert raised.value.reason is Reason.ENGINE_UNAVAILABLE
