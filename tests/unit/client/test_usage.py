"""What is refused before anything is sent, and what help says."""

import sys
from pathlib import Path
from subprocess import run

import pytest
from typer.testing import CliRunner, Result

from likeness_client.cli import values
from likeness_client.cli.main import COMMANDS, app
from likeness_common.stages.speech import MAX_RECORDING_BYTES, MAX_SCRIPT_CHARACTERS

pytestmark = pytest.mark.unit


def likeness(*arguments: str, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(app, arguments, input=stdin, env={"COLUMNS": "200", "LIKENESS_GATEWAY": "127.0.0.1:1"})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("say", "Hi.", "-o", "f.mp4"), "--portrait photo.jpg"),
        (("say", "Hi.", "-p", "photo.jpg"), "Missing option '--output'"),
        (("say", "-p", "photo.jpg", "-o", "f.mp4"), "--script-file FILE"),
        (("say", "Hi.", "--audio", "a.wav", "-p", "photo.jpg", "-o", "f.mp4"), "say only once what to say"),
        (("say", "--audio", "a.wav", "--rate", "1.5", "-p", "photo.jpg", "-o", "f.mp4"), "played as it is"),
        (("say", "--script-file", "s", "--audio", "a", "-p", "photo.jpg", "-o", "f.mp4"), "only once"),
        (("say", "Hi.", "-p", "p", "-o", "f.mp4", "--expression", "furious"), "excited"),
        (("say", "Hi.", "-p", "photo.jpg", "-o", "nowhere/f.mp4"), "the folder nowhere does not exist"),
        (("say", "Hi.", "-p", "photo.jpg", "-o", "."), "is a folder"),
        (("say", "Hi.", "-p", "photo.jpg", "-o", "f.avi"), "does not end in .mp4 or .webm"),
        (("say", "Hi.", "-p", "photo.jpg", "-o", "-", "--json"), "cannot both go to standard output"),
        (("say", "Hi.", "-p", "p", "-o", "f.mp4", "--size", "big"), "write it like 512x512"),
        (("say", "Hi.", "-p", "p", "-o", "f.mp4", "--deadline", "soon"), "write it like 90s"),
        (
            ("say", "Hi.", "-p", "p", "-o", "f.mp4", "--deadline", "999h"),
            "'--deadline': '999h' is not a length from 1s to",
        ),
        (("say", "Hi.", "-p", "p", "-o", "f.mp4", "--max-cost", "9" * 20), "'--max-cost': "),
        (("say", "Hi.", "-p", "p", "-o", "f.mp4", "--max-cost", "lots"), "write US dollars like 0.25"),
        (("say", "Hi.", "-p", "p", "-o", "f.mp4", "--gateway", "https://x/y"), "write it like 127.0.0.1:50051"),
        (("say", "Hi.", "-p", "p", "-o", "f.mp4", "--tier", "best"), "draft"),
        (("sayy",), "Did you mean 'say'?"),
    ],
)
def test_wrong_usage_says_how_to_do_it_right(tmp_path, monkeypatch, arguments: tuple[str, ...], said: str) -> None:
    monkeypatch.chdir(tmp_path)
    done = likeness(*arguments)
    assert done.exit_code == 2
    assert said in " ".join(done.output.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"a" * (MAX_SCRIPT_CHARACTERS + 1), f"shorten it to {MAX_SCRIPT_CHARACTERS}"),
        (None, "No such file"),
    ],
    ids=["binary", "long", "missing"],
)
def test_a_bad_script_file_is_bad_input(tmp_path: Path, content: bytes | None, said: str) -> None:
    script = tmp_path / "script.txt"
    if content is not None:
        script.write_bytes(content)
    done = likeness("say", "--script-file", str(script), "-p", "photo.jpg", "-o", str(tmp_path / "film.mp4"))
    assert done.exit_code == 3
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty; send an audio file [RECORDING_EMPTY]"),
        (bytes(MAX_RECORDING_BYTES + 1), "ffmpeg -i "),
        (None, "cannot be read: No such file"),
    ],
    ids=["empty", "large", "missing"],
)
def test_a_bad_recording_is_bad_input(tmp_path: Path, content: bytes | None, said: str) -> None:
    audio = tmp_path / "my speech.wav"
    if content is not None:
        audio.write_bytes(content)
    done = likeness("say", "--audio", str(audio), "-p", "photo.jpg", "-o", str(tmp_path / "film.mp4"))
    assert done.exit_code == 3
    assert done.stderr.startswith(f"error: --audio: the recording {audio} ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_server_that_is_not_there_is_named_with_the_fix(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"photo")
    done = likeness("say", "Hi.", "-p", str(tmp_path / "photo.jpg"), "-o", str(tmp_path / "film.mp4"))
    assert done.exit_code == 4
    assert "no gateway answers at 127.0.0.1:1; start one with `likeness serve`" in done.stderr


def test_every_command_of_the_help_exists_and_explains_itself() -> None:
    listed = likeness("--help")
    for name, text in COMMANDS.items():
        assert name in listed.output
        assert text in listed.output
        done = likeness(name, "--help")
        assert done.exit_code == 0, done.output
        assert "Usage:" in done.output


def test_help_waits_for_nothing_heavy() -> None:
    listing = "import sys, likeness_client.cli.main; print(*sys.modules)"
    loaded = run([sys.executable, "-c", listing], capture_output=True, text=True, check=True).stdout.split()
    assert not {"grpc", "numpy", "av", "cv2", "opentelemetry", "likeness_client.client"} & set(loaded)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90.0), ("1.5", 1.5), ("90s", 90.0), ("2m", 120.0), ("1h30m", 5400.0)]
)
def test_durations(text: str, seconds: float) -> None:
    assert values.duration_s(text) == seconds


@pytest.mark.parametrize(("text", "micros"), [("0", 0), ("0.25", 250_000), ("$1", 1_000_000), ("0.0000019", 1)])
def test_amounts(text: str, micros: int) -> None:
    assert values.cost_micros(text) == micros


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("localhost", "localhost:50051"),
        ("10.0.0.1:7000", "10.0.0.1:7000"),
        ("http://host:1/", "host:1"),
        ("unix:/run/likeness.sock", "unix:/run/likeness.sock"),
    ],
)
def test_addresses(text: str, address: str) -> None:
    assert values.gateway_address(text) == address


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "", "1e999999"])
def test_amounts_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(Exception, match="write US dollars"):
        values.cost_micros(text)
