"""Files are whole or not there at all."""

import asyncio
import os
import stat
import threading
from pathlib import Path

import pytest

from likeness_client.client import LikenessClient
from likeness_client.files import render_to_file, whole_file
from likeness_client.model import Receipt, RenderEvent, RenderSpec
from likeness_client.resume import RetryPolicy
from likeness_common.errors import Internal, Unavailable
from likeness_common.media import Segment
from tests.unit.client.fake_gateway import NAME, FakeGateway, corrupted

pytestmark = pytest.mark.unit


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_render_becomes_a_file(client: LikenessClient, fake: FakeGateway, spec, policy, tmp_path) -> None:
    seen: list[RenderEvent] = []
    receipt = await render_to_file(client, spec, tmp_path / "film.mp4", seen.append, policy)
    assert (tmp_path / "film.mp4").read_bytes() == fake.video
    assert entries(tmp_path) == ["film.mp4"]
    assert receipt == seen[-1]
    assert isinstance(receipt, Receipt)
    assert receipt.byte_count == len(fake.video)
    assert fake.calls == ["render"]


async def test_a_damaged_segment_leaves_nothing_and_cancels(client, fake, spec, policy, tmp_path) -> None:
    fake.segments[4] = corrupted(fake.segments[4])
    with pytest.raises(Internal, match="SHA-256"):
        await render_to_file(client, spec, tmp_path / "film.mp4", policy=policy)
    assert entries(tmp_path) == []
    assert fake.calls == ["render", f"cancel {NAME}"]


async def test_a_failed_render_leaves_an_earlier_file_as_it_was(client, fake, spec, tmp_path) -> None:
    target = tmp_path / "film.mp4"
    target.write_bytes(b"yesterday's film")
    fake.drops = [3] + [0] * 10
    with pytest.raises(Unavailable):
        await render_to_file(client, spec, target, policy=RetryPolicy(attempts=1, first_delay_s=0.01))
    assert target.read_bytes() == b"yesterday's film"
    assert entries(tmp_path) == ["film.mp4"]


async def test_cancelling_the_task_cancels_the_render(client, fake: FakeGateway, spec, policy, tmp_path) -> None:
    fake.pause_s = 0.2
    second = asyncio.Event()

    def notice(event: RenderEvent) -> None:
        if isinstance(event, Segment) and event.sequence == 1:
            second.set()

    task = asyncio.create_task(render_to_file(client, spec, tmp_path / "film.mp4", notice, policy))
    await second.wait()
    assert [name for name in entries(tmp_path) if name.endswith(".part")]
    assert not (tmp_path / "film.mp4").exists()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert entries(tmp_path) == []
    assert fake.cancelled.is_set()


async def test_a_disk_that_takes_no_more_ends_the_render(client, fake, spec: RenderSpec, policy) -> None:
    with pytest.raises(OSError, match="No space left"):
        await render_to_file(client, spec, Path("/dev/full"), policy=policy)
    assert fake.cancelled.is_set()
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)  # noqa: PTH116 - ruff sees blocking calls in Path only


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with whole_file(pipe) as file:
        file.write(b"film")
    reader.join(10)
    assert read == [b"film"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.mp4").write_bytes(b"old")
    (tmp_path / "link.mp4").symlink_to("real.mp4")
    with whole_file(tmp_path / "link.mp4") as file:
        file.write(b"new")
    assert (tmp_path / "link.mp4").is_symlink()
    assert (tmp_path / "real.mp4").read_bytes() == b"new"


def test_a_folder_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), whole_file(tmp_path):
        pytest.fail("the block ran")
    assert entries(tmp_path) == []


def test_the_file_has_the_usual_permissions(tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    with whole_file(tmp_path / "film.mp4") as file:
        file.write(b"film")
    assert (tmp_path / "film.mp4").stat().st_mode == ordinary.stat().st_mode
