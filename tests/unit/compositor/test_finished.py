import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from likeness_common.errors import Internal
from likeness_common.media import AudioFormat, Container, PixelFormat, VideoFormat
from likeness_common.stages.compositor import OutputSpec
from likeness_compositor import finished
from likeness_compositor.finished import FinishedWriter
from likeness_compositor.graph import command
from tests.unit.compositor import film

pytestmark = pytest.mark.unit

SPEC = OutputSpec(film.SMALL, container=Container.WEBM)

KILLED_WHILE_ENCODING = """
import sys, time
from likeness_common.media import Container, VideoFormat
from likeness_common.stages.compositor import OutputSpec
from likeness_compositor.finished import FinishedWriter

video = VideoFormat(640, 480)
writer = FinishedWriter(OutputSpec(video, container=Container.WEBM))
for _ in range(5):
    writer.add_audio(bytes(1920))
    writer.add_frame(memoryview(bytes(video.frame_bytes)))
print(writer._process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("container", [Container.WEBM, Container.FASTSTART_MP4])
def test_the_command_names_nothing_of_this_machine(container: Container) -> None:
    arguments = command(OutputSpec(VideoFormat(64, 64), AudioFormat(), container))[1:]
    assert "pipe:0" in arguments
    assert "fd:" in arguments
    assert not [argument for argument in arguments if "/" in argument]


def test_rgb_is_converted_and_i420_is_not() -> None:
    rgb = " ".join(command(OutputSpec(VideoFormat(64, 64, pixel_format=PixelFormat.RGB24), container=Container.WEBM)))
    assert "out_color_matrix=bt601" in rgb
    assert "scale" not in " ".join(command(SPEC))


def test_a_process_that_dies_is_an_error_with_its_reason_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    writer = FinishedWriter(SPEC)
    frame = memoryview(film.frames(SPEC.video, 1)[0])
    writer.add_frame(frame)
    psutil.Process(writer._process.pid).send_signal(signal.SIGKILL)
    with pytest.raises(Internal, match="-9"):
        list(map(writer.add_frame, 1000 * [frame]))
    writer.close()
    assert "ffmpeg ended with code -9" in caplog.text


def test_what_ffmpeg_complains_about_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = [*command(SPEC)[:-1], "-no-such-option"]
    monkeypatch.setattr(finished, "command", lambda spec: broken)
    writer = FinishedWriter(SPEC)
    with pytest.raises(Internal):
        list(writer.finish())
    writer.close()
    assert "no-such-option" in caplog.text


def test_abort_ends_a_call_that_waits(caplog: pytest.LogCaptureFixture) -> None:
    writer = FinishedWriter(SPEC)
    writer.add_frame(memoryview(film.frames(SPEC.video, 1)[0]))
    writer.abort()
    with pytest.raises(Internal, match="told to stop"):
        list(writer.finish())
    writer.close()
    assert caplog.text == ""


def test_a_killed_service_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_WHILE_ENCODING], stdout=subprocess.PIPE, text=True, env=environment
    ) as service:
        assert service.stdout
        encoder = psutil.Process(int(service.stdout.readline()))
        service.kill()
    while encoder.is_running() and encoder.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert list(tmp_path.iterdir()) == []
