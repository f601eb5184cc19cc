"""The service as a process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from likeness_common.clients import RemoteCompositor, open_channel
from likeness_common.media import Container
from likeness_common.stages.compositor import OutputSpec
from likeness_compositor.settings import Settings
from tests.unit.compositor import film

pytestmark = pytest.mark.unit


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIKENESS_COMPOSITOR_MAX_SESSIONS", "3")
    monkeypatch.setenv("LIKENESS_COMPOSITOR_LISTEN", "127.0.0.1:7003")
    settings = Settings()
    assert (settings.max_sessions, settings.listen) == (3, "127.0.0.1:7003")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    address = f"unix:{tmp_path}/compositor.sock"
    environment = {**os.environ, "LIKENESS_COMPOSITOR_LISTEN": address}
    command = [sys.executable, "-m", "likeness_compositor"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr
        while "listening" not in process.stderr.readline():
            assert process.poll() is None
        yield address, process
        process.kill()


async def test_it_serves_and_ends_in_order(service: tuple[str, "subprocess.Popen[str]"]) -> None:
    address, process = service
    spec = OutputSpec(film.SMALL)
    async with open_channel(address) as channel:
        for container in Container:
            pictures, pcm = film.flashes_and_clicks(spec.video)
            wanted = replace(spec, container=container)
            shown = film.decode(film.joined(await film.compose(RemoteCompositor(channel), wanted, pictures, pcm)))
            assert len(shown.pictures) == film.FILM_FRAMES
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 0
