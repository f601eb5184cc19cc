import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from likeness_common.errors import Cancelled, InvalidArgument
from likeness_common.media import AudioChunk, Container, FrameBatch
from likeness_common.stages.compositor import OutputSpec
from likeness_compositor.encoders import H264Encoder
from likeness_compositor.local import LocalCompositor
from tests.unit.compositor import film

pytestmark = pytest.mark.unit

SPEC = OutputSpec(film.SMALL, segment_ms=200)
FRAME = film.frames(SPEC.video, 1)[0]


def speech_and_frames(seconds: int) -> Iterator[tuple[AudioChunk, FrameBatch]]:
    for second in range(seconds):
        yield AudioChunk(second, second * 24_000, bytes(48_000)), FrameBatch(second * 25, 25, 25 * FRAME)


async def test_a_slow_reader_slows_the_producer() -> None:
    pushed = 0

    async def push_all() -> None:
        nonlocal pushed
        for audio, frames in speech_and_frames(30):
            await session.push_audio(audio)
            await session.push_frames(frames)
            pushed += 1

    async with LocalCompositor().open(SPEC) as session:
        pushing = asyncio.create_task(push_all())
        segments = session.segments()
        await film.first(segments, 3)
        await asyncio.wait({pushing}, timeout=1)
        assert pushed < 6
        await film.first(segments, 60)
        assert pushed > 9
        pushing.cancel()


async def test_an_encoder_error_reaches_reader_and_producer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> bytes:
        raise OSError("no memory for the picture")

    monkeypatch.setattr(H264Encoder, "encode", fail)
    async with LocalCompositor().open(SPEC) as session:
        await session.push_frames(FrameBatch(0, 1, FRAME))
        with pytest.raises(OSError, match="no memory"):
            await film.drain(session)
        with pytest.raises(OSError, match="no memory"):
            await session.push_frames(FrameBatch(1, 1, FRAME))


async def test_whoever_waits_is_told_that_the_session_was_left() -> None:
    async with LocalCompositor().open(SPEC) as session:
        reading = asyncio.create_task(film.drain(session))
        await asyncio.sleep(0)
    with pytest.raises(Cancelled):
        await reading
    with pytest.raises(Cancelled):
        await session.push_frames(FrameBatch(0, 1, FRAME))


async def test_a_broken_stream_ends_the_session_for_all() -> None:
    async with LocalCompositor().open(SPEC) as session:
        reading = asyncio.create_task(film.drain(session))
        with pytest.raises(InvalidArgument):
            await session.push_frames(FrameBatch(3, 1, FRAME))
        with pytest.raises(InvalidArgument):
            await reading


async def test_nothing_follows_the_end() -> None:
    async with LocalCompositor().open(SPEC) as session:
        await session.push_audio(AudioChunk(0, 0, bytes(1920)))
        await session.push_frames(FrameBatch(0, 1, FRAME))
        await session.finish()
        await film.drain(session)
        with pytest.raises(InvalidArgument, match="finish"):
            await session.push_frames(FrameBatch(1, 1, FRAME))


@pytest.mark.parametrize("container", list(Container))
async def test_a_slot_is_free_again_after_every_way_out(container: Container) -> None:
    compositor = LocalCompositor(max_sessions=1)
    spec = replace(SPEC, container=container)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await fail_inside(compositor, spec)
        opening = asyncio.create_task(fail_inside(compositor, spec))
        await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait({opening})
    segments = await film.compose(compositor, spec, [FRAME], bytes(1920))
    assert segments


async def fail_inside(compositor: LocalCompositor, spec: OutputSpec) -> None:
    async with compositor.open(spec):
        raise ZeroDivisionError
