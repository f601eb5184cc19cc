"""Segments on disk."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from likeness_common.errors import Internal
from likeness_common.media import Segment, SegmentKind
from likeness_gateway.model import RenderState
from likeness_gateway.renders.segment_log import SegmentLog
from likeness_gateway.renders.watch import watch
from likeness_gateway.worker import Worker
from tests.unit.gateway.conftest import Stand
from tests.unit.gateway.requests import order

pytestmark = pytest.mark.unit

SEGMENTS = [
    Segment.of(0, SegmentKind.INIT, b"init"),
    Segment.of(1, SegmentKind.MEDIA, b"one" * 1000).at(0, 10, 25),
    Segment.of(2, SegmentKind.MEDIA, b"").at(10, 5, 25),
    Segment.of(3, SegmentKind.FILE, bytes(range(256))),
]


@pytest.fixture
async def disk() -> AsyncIterator[Worker]:
    worker = Worker("disk")
    yield worker
    await worker.close()


def open_files(directory: Path) -> list[str]:
    return [file.path for file in psutil.Process().open_files() if file.path.startswith(str(directory))]


async def test_segments_come_back_as_they_were(tmp_path: Path, disk: Worker) -> None:
    log = SegmentLog(tmp_path / "a", disk)
    with log.held():
        await log.create()
        for segment in SEGMENTS:
            await log.append(segment)
        assert [await log.read(number) for number in (3, 0, 2, 1)] == [SEGMENTS[number] for number in (3, 0, 2, 1)]
    again = SegmentLog(tmp_path / "a", disk)
    with again.held():
        await again.ensure_open()
        assert [await again.read(number) for number in range(again.count)] == SEGMENTS
        assert again.byte_count == sum(len(segment.data) for segment in SEGMENTS)


async def test_the_file_is_the_video(tmp_path: Path, disk: Worker) -> None:
    log = SegmentLog(tmp_path / "a", disk)
    with log.held():
        await log.create()
        for segment in SEGMENTS:
            await log.append(segment)
    assert (tmp_path / "a" / "video").read_bytes() == b"".join(segment.data for segment in SEGMENTS)


async def test_those_who_read_can_read_on_after_the_removal(tmp_path: Path, disk: Worker) -> None:
    log = SegmentLog(tmp_path / "a", disk)
    with log.held():
        with log.held():
            await log.create()
            await log.append(SEGMENTS[0])
        await log.remove()
        assert not (tmp_path / "a").exists()
        assert await log.read(0) == SEGMENTS[0]


async def test_a_log_that_is_just_being_closed_is_opened_again(tmp_path: Path, disk: Worker) -> None:
    log = SegmentLog(tmp_path / "a", disk)
    closing, may_close = threading.Event(), threading.Event()
    with log.held():
        await log.create()
        await log.append(SEGMENTS[0])
        data = log._data
        assert data is not None
        close = data.close

        def close_late() -> None:
            closing.set()
            may_close.wait()
            close()

        log._data = SimpleNamespace(close=close_late)  # type: ignore[assignment]  # nothing else is asked of it
    await asyncio.to_thread(closing.wait)
    with log.held():
        opening = asyncio.create_task(log.ensure_open())
        await asyncio.sleep(0)
        may_close.set()
        await opening
        assert await log.read(0) == SEGMENTS[0]


async def test_files_are_closed_when_nobody_holds_the_log(tmp_path: Path, disk: Worker) -> None:
    log = SegmentLog(tmp_path / "a", disk)
    with log.held():
        await log.create()
        assert len(open_files(tmp_path)) == 2
    await disk.call(int)  # closing was asked for before this
    assert not open_files(tmp_path)


async def test_what_an_earlier_attempt_left_is_dropped(tmp_path: Path, disk: Worker) -> None:
    for data in (b"long ago " * 100, b"now"):
        log = SegmentLog(tmp_path / "a", disk)
        with log.held():
            await log.create()
            await log.append(Segment.of(0, SegmentKind.FILE, data))
    again = SegmentLog(tmp_path / "a", disk)
    with again.held():
        await again.ensure_open()
        assert (again.count, again.byte_count) == (1, 3)
        assert (await again.read(0)).data == b"now"


async def test_files_that_are_gone_are_an_error(tmp_path: Path, disk: Worker) -> None:
    with pytest.raises(FileNotFoundError):
        await SegmentLog(tmp_path / "a", disk).ensure_open()


async def test_a_full_disk_fails_the_render_and_nothing_else(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    write = SegmentLog._append

    def full(self: SegmentLog, *args: object) -> None:
        if self.count == 3:
            raise OSError(28, "No space left on device")
        write(self, *args)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(SegmentLog, "_append", full)
    async with stand.gateway() as gateway:
        render = await gateway.renders.start(order())
        with pytest.raises(Internal):
            async for _ in watch(render, attached=True):
                pass
        await render.finished()
        assert render.record.state is RenderState.FAILED
        assert stand.idle
        assert stand.files() == []
        later = watch(render)
        await anext(later)
        with pytest.raises(Internal):  # and not for want of the segments that were removed
            [event async for event in later if isinstance(event, Segment)]
        monkeypatch.setattr(SegmentLog, "_append", write)
        again = await gateway.renders.start(order(detached=True))
        await again.finished()
        assert again.record.state is RenderState.SUCCEEDED
