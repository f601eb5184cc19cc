"""`likeness say` as a stranger meets it: a program against a gateway."""

import asyncio
import json
import signal
from pathlib import Path

import pytest

from likeness.media.v1 import acting_pb2, video_pb2
from likeness_common.errors import InvalidArgument, Reason
from tests.unit.client.fake_gateway import NAME, FakeGateway, corrupted
from tests.unit.client.terminal import Terminal, likeness, start

pytestmark = pytest.mark.unit


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"photo")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "films"
    path.mkdir()
    return path


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_film_is_saved_and_what_it_took_is_told(address, fake: FakeGateway, photo: Path, folder: Path) -> None:
    film = folder / "film.webm"
    done = await likeness("say", "Hello.", "-p", str(photo), "-o", str(film), "--gateway", address)
    assert done.code == 0, done.stderr
    assert film.read_bytes() == fake.video
    assert names(folder) == ["film.webm"]
    table = done.stdout.decode()
    for expected in (
        "first segment  250 ms after the request",
        "4.0x real time (RTF 0.25)",
        "$0.24 for the same length from Example Studio (2026-10)",
        f"likeness trace {NAME.removeprefix('renders/')}",
        "animator",
        str(film),
    ):
        assert expected in table
    assert fake.requests[0].spec.output.container == video_pb2.CONTAINER_WEBM


async def test_off_a_terminal_progress_is_plain_lines(address, photo: Path, folder: Path) -> None:
    done = await likeness("say", "Hello.", "-p", str(photo), "-o", str(folder / "film.mp4"), "--gateway", address)
    lines = done.stderr.splitlines()
    assert lines[0] == f"{NAME}: draft tier, engine mesh, voice espeak"
    assert "notice: Two faces: the larger one speaks." in lines
    assert [line.split(":")[0] for line in lines if " %" in line] == ["25 %", "50 %", "75 %", "100 %"]
    assert "\x1b" not in done.stderr + done.stdout.decode()
    assert "\r" not in done.stderr


async def test_on_a_terminal_progress_is_a_bar_that_goes_away(address, fake, photo: Path, folder: Path) -> None:
    fake.pause_s = 0.5
    arguments = ("say", "Hello.", "-p", str(photo), "-o", str(folder / "film.mp4"), "--gateway", address)
    with Terminal() as terminal:
        process = await start(*arguments, stderr=terminal.far)
        await process.communicate()
        shown = await terminal.text()
    assert process.returncode == 0
    assert "━" in shown
    assert "real time" in shown
    assert "notice: Two faces" in shown
    assert "\x1b[2K" in shown.rsplit("━", 1)[1]


async def test_a_film_streams_to_standard_output(address, fake: FakeGateway, photo: Path) -> None:
    done = await likeness("say", "-", "-p", str(photo), "-o", "-", "--gateway", address, stdin="Grüß Gott.".encode())
    assert done.code == 0, done.stderr
    assert done.stdout == fake.video
    assert "first segment" in done.stderr
    assert fake.requests[0].spec.script.text == "Grüß Gott."
    assert fake.requests[0].spec.output.container == video_pb2.CONTAINER_FRAGMENTED_MP4


async def test_the_first_bytes_come_before_the_last_are_made(address, fake: FakeGateway, photo: Path) -> None:
    fake.pause_s = 0.2
    process = await start("say", "Hi.", "-p", str(photo), "-o", "-", "--gateway", address)
    assert process.stdout is not None
    first = await process.stdout.read(10)
    assert first == fake.video[:10]
    assert process.returncode is None
    rest, _ = await process.communicate()
    assert first + rest == fake.video


async def test_a_terminal_is_not_flooded_with_bytes(address, fake: FakeGateway, photo: Path) -> None:
    with Terminal() as terminal:
        process = await start("say", "Hi.", "-p", str(photo), "-o", "-", "--gateway", address, stdout=terminal.far)
        _, stderr = await process.communicate()
        assert await terminal.text() == ""
    assert process.returncode == 2
    assert b"a terminal cannot show a video" in stderr
    assert fake.calls == []


async def test_a_reader_that_goes_away_cancels_the_render(address, fake: FakeGateway, photo: Path) -> None:
    fake.pause_s = 0.5
    process = await start("say", "Hi.", "-p", str(photo), "-o", "-", "--gateway", address)
    assert process.stdout is not None
    await process.stdout.read(10)
    process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]  # asyncio has no public way
    assert process.stderr is not None
    stderr = (await process.stderr.read()).decode()
    assert await process.wait() == 130
    assert fake.cancelled.is_set()
    assert "Traceback" not in stderr
    assert "BrokenPipe" not in stderr


async def test_json_is_one_document(address, photo: Path, folder: Path, fake: FakeGateway) -> None:
    film = str(folder / "film.mp4")
    done = await likeness("say", "Hi.", "-p", str(photo), "-o", film, "--gateway", address, "--json")
    document = json.loads(done.stdout)
    assert document["output"] == film
    assert document["render"] == NAME
    assert document["plan"]["tier"] == "draft"
    assert document["receipt"]["first_segment_s"] == 0.25
    assert document["receipt"]["byte_count"] == len(fake.video)
    assert document["receipt"]["stages"][0]["stage"] == "animator"
    assert document["notices"][0]["code"] == "PORTRAIT"
    assert (document["comparisons"][0]["as_of"], document["comparisons"][0]["cost_micros"]) == ("2026-10", 240_000)


async def test_a_recording_is_sent_in_place_of_a_script(address, fake: FakeGateway, photo: Path, folder: Path) -> None:
    audio = folder.parent / "speech.ogg"
    audio.write_bytes(b"OggS, as far as the fake can tell")
    acting = ("--expression", "warm", "--intensity", "0.5", "--eye-contact")
    film = str(folder / "film.mp4")
    done = await likeness("say", "--audio", str(audio), "-p", str(photo), "-o", film, "--gateway", address, *acting)
    assert done.code == 0, done.stderr
    spec = fake.requests[0].spec
    assert spec.WhichOneof("speech") == "recording"
    assert spec.recording.file == audio.read_bytes()
    assert spec.acting == acting_pb2.Acting(expression=acting_pb2.EXPRESSION_WARM, intensity=0.5, eye_contact=True)


async def test_a_full_disk_is_not_bad_input_and_the_file_is_named(address, photo: Path, folder: Path) -> None:
    common = ("say", "Hi.", "-p", str(photo), "--container", "mp4", "--gateway", address)
    done = await likeness(*common, "-o", "/dev/full")
    assert done.code == 6
    assert done.stderr.splitlines()[-1] == "error: /dev/full: No space left on device"


async def test_a_film_that_is_sent_when_done_does_not_announce_its_first_bytes(address, fake, photo, folder) -> None:
    fake.early_progress = True
    done = await likeness("say", "Hello.", "-p", str(photo), "-o", str(folder / "film.mp4"), "--gateway", address)
    lines = done.stderr.splitlines()
    assert any(line.startswith("100 %") for line in lines)
    assert "first bytes received" not in lines


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_render_is_cancelled_and_leaves_nothing(address, fake, photo, folder, number) -> None:
    fake.pause_s = 5.0
    arguments = ("say", "Hi.", "-p", str(photo), "-o", str(folder / "film.mp4"), "--gateway", address)
    process = await start(*arguments)
    assert process.stderr is not None
    async for line in process.stderr:
        if b"first bytes" in line:
            break
    assert names(folder)
    process.send_signal(number)
    _, stderr = await process.communicate()
    assert process.returncode == 130
    assert stderr.decode().strip().endswith("interrupted")
    assert b"Traceback" not in stderr
    assert names(folder) == []
    async with asyncio.timeout(5):
        await fake.cancelled.wait()


async def test_an_error_is_one_line_an_exit_code_and_a_document(address, fake, photo: Path, folder: Path) -> None:
    fake.error = InvalidArgument(Reason.FACE_NOT_FOUND, "no face was found", field="spec.portrait_image")
    done = await likeness("say", "Hi.", "-p", str(photo), "-o", str(folder / "f.mp4"), "--gateway", address, "--json")
    assert done.code == 3
    assert done.stderr == "error: --portrait: no face was found [FACE_NOT_FOUND]\n"
    assert json.loads(done.stdout)["error"]["reason"] == "FACE_NOT_FOUND"
    assert names(folder) == []


async def test_a_damaged_film_is_not_kept(address, fake: FakeGateway, photo: Path, folder: Path) -> None:
    fake.segments[2] = corrupted(fake.segments[2])
    done = await likeness("say", "Hi.", "-p", str(photo), "-o", str(folder / "film.mp4"), "--gateway", address)
    assert done.code == 6
    assert "segment 2: data does not match its SHA-256 [INTERNAL]" in done.stderr
    assert names(folder) == []
