"""The commands that ask and list, against a gateway in a thread of its own."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from likeness_client.cli.main import app
from tests.unit.client.fake_gateway import NAME, FakeGateway, serving

pytestmark = pytest.mark.unit

Command = Callable[..., Result]


@contextmanager
def in_thread(fake: FakeGateway) -> Iterator[str]:
    """Serve `fake` beside a synchronous test; yields its address."""
    loop = asyncio.new_event_loop()
    started = threading.Event()
    ended = asyncio.Event()
    addresses: list[str] = []

    async def serve() -> None:
        async with serving(fake) as address:
            addresses.append(address)
            started.set()
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    started.wait(10)
    try:
        yield addresses[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


@pytest.fixture
def command(fake: FakeGateway) -> Iterator[Command]:
    with in_thread(fake) as address:
        yield lambda *arguments: CliRunner().invoke(
            app, arguments, env={"LIKENESS_GATEWAY": address, "COLUMNS": "140", "TZ": "UTC"}
        )


def words(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_voices(command: Command) -> None:
    shown = words(command("voices"))
    assert "espeak 2 yes free GPL-3.0-or-later" in shown
    assert "espeak reads en-us de" in shown
    assert json.loads(command("voices", "--json").stdout)[0]["languages"] == ["en-us", "de"]


def test_engines_that_do_not_work_say_why(command: Command) -> None:
    shown = words(command("engines"))
    assert "mesh yes" in shown
    assert "big no: pull its weights" in shown
    assert "MIT; not cleared for commercial use" in shown
    assert shown.count("not cleared") == 1


def test_tiers(command: Command) -> None:
    assert "draft yes mesh Quick." in words(command("tiers"))
    assert json.loads(command("tiers", "--json").stdout)[0]["tier"] == "draft"


def test_an_estimate_needs_no_portrait(command: Command) -> None:
    shown = words(command("estimate", "Twelve marks"))
    assert "12 characters, about 2.0 s of video" in shown
    assert "draft $0.00 about 0.5 s mesh local" in shown
    assert "not here: rent a GPU" in shown
    assert "Example Studio $0.12 2026-10 https://example.com/prices" in shown


def test_a_trace_is_a_waterfall(command: Command) -> None:
    shown = command("trace", NAME.removeprefix("renders/"))
    lines = [line.rstrip() for line in shown.stdout.splitlines()]
    assert lines[0] == f"{NAME}: 2 spans in 1,000.0 ms"
    root, child = (next(line for line in lines if name in line) for name in ("render ", "compose"))
    assert root.index("█") < child.index("█")
    assert abs(child.count("█") * 2 - root.count("█") - 1) <= 2
    assert root.index("◆") - root.index("█") == (len(root) - root.index("█")) // 4
    assert "500.0 ms" in child
    assert any("250.0 ms  first_segment" in line for line in lines)


def test_a_trace_is_json_for_machines(command: Command) -> None:
    document = json.loads(command("trace", NAME, "--json").stdout)
    assert [span["service"] for span in document["spans"]] == ["likeness-gateway", "likeness-compositor"]


def test_jobs_are_listed_across_pages(command: Command) -> None:
    shown = words(command("jobs", "list"))
    assert shown.count("running") == 3
    assert "2026-09-21" in shown
    assert words(command("jobs", "list", "--most", "1")).count("running") == 1


def test_a_job_is_created_and_its_name_printed(command: Command, fake: FakeGateway, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"photo")
    done = command("jobs", "create", "Later.", "-p", str(tmp_path / "photo.jpg"), "--size", "256")
    assert done.stdout == f"{NAME}\n"
    (request,) = fake.requests
    assert (request.spec.output.width, request.spec.output.height) == (256, 256)


def test_a_job_can_be_looked_at_and_cancelled(command: Command, fake: FakeGateway) -> None:
    assert "state succeeded" in words(command("jobs", "get", NAME))
    assert "state cancelled" in words(command("jobs", "cancel", NAME))
    assert fake.calls == [f"cancel {NAME}"]


def test_an_unknown_job_is_bad_input(command: Command) -> None:
    done = command("jobs", "get", "f" * 32)
    assert done.exit_code == 3
    assert done.stderr == f"error: RENDER: there is no render renders/{'f' * 32} [RENDER_NOT_FOUND]\n"


def test_a_watched_job_is_saved(command: Command, fake: FakeGateway, tmp_path: Path) -> None:
    done = command("jobs", "watch", NAME, "-o", str(tmp_path / "film.mp4"))
    assert done.exit_code == 0, done.output
    assert (tmp_path / "film.mp4").read_bytes() == fake.video
    assert fake.calls == ["watch 0"]


def test_a_job_that_failed_says_so_and_is_not_cancelled(command: Command, fake: FakeGateway, tmp_path: Path) -> None:
    fake.receipt = False
    done = command("jobs", "watch", NAME, "-o", str(tmp_path / "film.mp4"))
    assert done.exit_code == 6
    assert list(tmp_path.iterdir()) == []
    assert fake.calls == ["watch 0"]
