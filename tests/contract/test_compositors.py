"""One suite over every body of the compositor."""

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import grpc
import numpy as np
import psutil
import pytest

from likeness.compositor.v1 import compositor_service_pb2_grpc
from likeness_common.clients import RemoteCompositor, open_channel
from likeness_common.errors import InvalidArgument, Reason, ResourceExhausted
from likeness_common.grpc_errors import ErrorInterceptor
from likeness_common.media import (
    AudioChunk,
    AudioFormat,
    Container,
    FrameBatch,
    PixelFormat,
    Segment,
    SegmentKind,
    VideoFormat,
)
from likeness_common.stages.compositor import CompositionSession, Compositor, OutputSpec
from likeness_compositor.local import LocalCompositor
from likeness_compositor.servicer import CompositorServicer
from tests.unit.compositor import film
from tests.waiting import until

pytestmark = pytest.mark.contract

MAX_SESSIONS = 2
SPEC = OutputSpec(film.SMALL)

Misuse = Callable[[CompositionSession], Awaitable[None]]


@pytest.fixture(params=["local", "remote"])
async def compositor(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Compositor]:
    local = LocalCompositor(MAX_SESSIONS)
    if request.param == "local":
        yield local
        return
    server = grpc.aio.server(interceptors=[ErrorInterceptor()])
    compositor_service_pb2_grpc.add_CompositorServiceServicer_to_server(CompositorServicer(local), server)
    address = f"unix:{tmp_path}/compositor.sock"
    server.add_insecure_port(address)
    await server.start()
    async with open_channel(address) as channel:
        yield RemoteCompositor(channel)
    await server.stop(0)


async def compose_tone(compositor: Compositor, spec: OutputSpec, count: int) -> list[Segment]:
    pcm = film.tone(spec.video, count, spec.audio.sample_rate_hz)
    return await film.compose(compositor, spec, film.frames(spec.video, count), pcm)


async def read_one_segment(compositor: Compositor, spec: OutputSpec = SPEC) -> Segment:
    """A remote body learns only when it reads that a session was refused."""
    async with compositor.open(spec) as session:
        return await anext(session.segments())


async def test_segments_tile_the_film(compositor: Compositor) -> None:
    segments = await compose_tone(compositor, SPEC, 87)
    assert [segment.sequence for segment in segments] == list(range(7))
    assert [segment.kind for segment in segments] == [SegmentKind.INIT] + [SegmentKind.MEDIA] * 6
    placed = [(segment.first_frame, segment.frame_count) for segment in segments[1:]]
    assert placed == [(0, 5), (5, 10), (15, 20), (35, 25), (60, 25), (85, 2)]
    assert [segment.pts_us for segment in segments[1:]] == [first * 40_000 for first, _ in placed]
    assert [segment.duration_us for segment in segments[1:]] == [count * 40_000 for _, count in placed]
    assert all(hashlib.sha256(segment.data).hexdigest() == segment.sha256 for segment in segments)
    assert segments[0].frame_count == segments[0].duration_us == 0


async def test_every_segment_plays_after_the_init_segment_alone(compositor: Compositor) -> None:
    segments = await compose_tone(compositor, SPEC, 60)
    for segment in segments[1:]:
        shown = film.decode(segments[0].data + segment.data)
        assert shown.video.keyframes == [0]
        assert len(shown.pictures) == segment.frame_count
        start, end = segment.pts_us / 1e6, (segment.pts_us + segment.duration_us) / 1e6
        assert shown.video.times[0] == pytest.approx(start, abs=1e-3)
        assert shown.video.end == pytest.approx(end, abs=1e-3)
        assert shown.audio.times[0] <= start + 1024 / 48_000
        assert end - 1e-3 <= shown.audio.end < end + 1024 / 48_000


async def test_all_segments_are_one_valid_film(compositor: Compositor) -> None:
    shown = film.decode(film.joined(await compose_tone(compositor, SPEC, 87)))
    assert (shown.video.codec, shown.audio.codec, shown.audio.profile) == ("h264", "aac", "LC")
    assert shown.video.times == pytest.approx([index / 25 for index in range(87)])
    assert abs(shown.video.duration - shown.audio.duration) < 1 / 25
    assert shown.video.end == pytest.approx(87 / 25)
    assert shown.audio.end == pytest.approx(87 / 25)
    assert np.all(np.diff(shown.audio.times) > 0)
    tags = {(p.format.name, p.colorspace, p.color_range, p.color_primaries, p.color_trc) for p in shown.pictures}
    assert tags == {("yuv420p", 6, 1, 6, 6)}


async def test_a_segment_leaves_with_its_last_frame(compositor: Compositor) -> None:
    pictures = film.frames(SPEC.video, 15)
    async with compositor.open(SPEC) as session:
        segments = session.segments()
        await session.push_audio(AudioChunk(0, 0, film.tone(SPEC.video, 25)))
        await session.push_frames(FrameBatch(0, 5, b"".join(pictures[:5])))
        early = await film.first(segments, 2)
        await session.push_frames(FrameBatch(5, 10, b"".join(pictures[5:])))
        early += await film.first(segments, 1)
    assert [(segment.first_frame, segment.frame_count) for segment in early] == [(0, 0), (0, 5), (5, 10)]


@pytest.mark.parametrize("container", list(Container))
async def test_sound_and_picture_are_in_step(compositor: Compositor, container: Container) -> None:
    spec = replace(SPEC, container=container)
    pictures, pcm = film.flashes_and_clicks(spec.video)
    shown = film.decode(film.joined(await film.compose(compositor, spec, pictures, pcm)))
    assert film.offsets_ms(shown, spec.video) == pytest.approx([0, 0, 0], abs=1.5)


@pytest.mark.parametrize("container", list(Container))
async def test_bytes_do_not_depend_on_how_input_is_cut(compositor: Compositor, container: Container) -> None:
    spec = replace(SPEC, container=container)
    pictures, pcm = film.flashes_and_clicks(spec.video)
    results = [
        film.joined(await film.compose(compositor, spec, pictures, pcm, batch=batch, chunk=chunk))
        for batch, chunk in ((1, 960), (7, 24_000), (87, 333))
    ]
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("count", [1, 4, 5, 6, 15, 16])
async def test_any_number_of_frames(compositor: Compositor, count: int) -> None:
    segments = await compose_tone(compositor, SPEC, count)
    shown = film.decode(film.joined(segments))
    assert len(shown.pictures) == sum(segment.frame_count for segment in segments) == count
    assert shown.video.end == pytest.approx(count / 25)
    assert shown.audio.end == pytest.approx(count / 25)


@pytest.mark.parametrize("rate_hz", [8000, 11_025, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("fps", [10, 24, 30, 60])
async def test_frame_rates_and_sample_rates(compositor: Compositor, fps: int, rate_hz: int) -> None:
    spec = replace(SPEC, video=replace(film.SMALL, fps=fps), audio=AudioFormat(rate_hz))
    pictures, pcm = film.flashes_and_clicks(spec.video, rate_hz)
    shown = film.decode(film.joined(await film.compose(compositor, spec, pictures, pcm)))
    assert shown.video.end == pytest.approx(film.FILM_FRAMES / fps)
    assert shown.audio.end == pytest.approx(film.FILM_FRAMES / fps, abs=1e-4)
    assert film.offsets_ms(shown, spec.video) == pytest.approx([0, 0, 0], abs=1.5)


@pytest.mark.parametrize("container", list(Container))
@pytest.mark.parametrize("pixel_format", list(PixelFormat))
async def test_colours_survive(compositor: Compositor, container: Container, pixel_format: PixelFormat) -> None:
    spec = OutputSpec(VideoFormat(160, 128, pixel_format=pixel_format), container=container, crf=10)
    shown = film.decode(film.joined(await compose_tone(compositor, spec, 6)))
    for index, seen in enumerate(shown.pictures):
        assert (seen.colorspace, seen.color_range) == (6, 1)
        error = film.rgb(seen) - film.picture(spec.video, index)
        assert np.abs(error).mean() < 2
        assert np.abs(error.mean((0, 1))).max() < 0.5


async def test_last_audio_is_padded_or_cut_to_the_last_frame(compositor: Compositor) -> None:
    pictures, pcm = film.frames(SPEC.video, 20), film.tone(SPEC.video, 20)
    for samples in (-900, 900):
        changed = pcm[: 2 * samples] if samples < 0 else pcm + bytes(2 * samples)
        shown = film.decode(film.joined(await film.compose(compositor, SPEC, pictures, changed)))
        assert shown.audio.end == pytest.approx(20 / 25)


async def test_faststart_file_has_its_index_in_front(compositor: Compositor) -> None:
    spec = OutputSpec(VideoFormat(320, 240), container=Container.FASTSTART_MP4, crf=10)
    noise = np.random.default_rng(1)
    pictures = [noise.integers(0, 255, spec.video.frame_bytes, np.uint8).tobytes() for _ in range(30)]
    segments = await film.compose(compositor, spec, pictures, film.tone(spec.video, 30))
    data = film.joined(segments)
    assert len(segments) > 2
    assert {segment.kind for segment in segments} == {SegmentKind.FILE}
    assert {len(segment.data) for segment in segments[:-1]} == {256 * 1024}
    assert [segment.sequence for segment in segments] == list(range(len(segments)))
    assert data.index(b"moov") < data.index(b"mdat")
    shown = film.decode(data)
    assert (shown.video.codec, shown.audio.codec) == ("h264", "aac")
    assert len(shown.pictures) == 30
    assert shown.video.duration == pytest.approx(1.2)
    assert shown.audio.duration == pytest.approx(1.2, abs=1 / 25)


async def test_webm_file(compositor: Compositor) -> None:
    segments = await compose_tone(compositor, replace(SPEC, container=Container.WEBM), 30)
    assert {segment.kind for segment in segments} == {SegmentKind.FILE}
    shown = film.decode(film.joined(segments))
    assert (shown.video.codec, shown.audio.codec, shown.sound_rate_hz) == ("vp9", "opus", 48_000)
    assert len(shown.pictures) == 30
    assert shown.video.times == pytest.approx([index / 25 for index in range(30)], abs=1e-3)
    assert shown.audio.end == pytest.approx(1.2, abs=1 / 25)


@pytest.mark.parametrize(
    ("field", "spec"),
    [
        ("output.video.width", replace(SPEC, video=VideoFormat(62, 64))),
        ("output.video.width", replace(SPEC, video=VideoFormat(65, 64))),
        ("output.video.height", replace(SPEC, video=VideoFormat(64, 1922))),
        ("output.video.height", replace(SPEC, video=VideoFormat(1920, 1920))),
        ("output.video.fps", replace(SPEC, video=VideoFormat(64, 64, 61))),
        ("output.audio.sample_rate_hz", replace(SPEC, audio=AudioFormat(7999))),
        ("output.crf", replace(SPEC, crf=41)),
        ("output.segment_ms", replace(SPEC, segment_ms=199)),
    ],
)
async def test_outputs_that_cannot_be_encoded(compositor: Compositor, field: str, spec: OutputSpec) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await read_one_segment(compositor, spec)
    assert caught.value.field == field
    assert field in caught.value.message
    assert caught.value.reason in (Reason.FIELD_OUT_OF_RANGE, Reason.FIELD_INVALID)


ONE_FRAME = film.frames(SPEC.video, 1)[0]
A_FRAME_OF_SOUND = bytes(2 * 960)


async def _skip_a_frame(session: CompositionSession) -> None:
    await session.push_frames(FrameBatch(1, 1, ONE_FRAME))


async def _repeat_a_frame(session: CompositionSession) -> None:
    await session.push_frames(FrameBatch(0, 1, ONE_FRAME))
    await session.push_frames(FrameBatch(0, 1, ONE_FRAME))


async def _short_frame(session: CompositionSession) -> None:
    await session.push_frames(FrameBatch(0, 1, ONE_FRAME[:-1]))


async def _no_frames_in_a_batch(session: CompositionSession) -> None:
    await session.push_frames(FrameBatch(0, 0, b""))


async def _gap_in_audio(session: CompositionSession) -> None:
    await session.push_audio(AudioChunk(0, 1, A_FRAME_OF_SOUND))


async def _audio_chunk_lost(session: CompositionSession) -> None:
    await session.push_audio(AudioChunk(1, 0, A_FRAME_OF_SOUND))


async def _too_much_audio(session: CompositionSession) -> None:
    for sequence in range(121):
        await session.push_audio(AudioChunk(sequence, sequence * 24_000, bytes(48_000)))


async def _audio_missing_at_the_end(session: CompositionSession) -> None:
    await session.push_audio(AudioChunk(0, 0, A_FRAME_OF_SOUND))
    await session.push_frames(FrameBatch(0, 3, 3 * ONE_FRAME))
    await session.finish()


async def _frames_missing_at_the_end(session: CompositionSession) -> None:
    await session.push_audio(AudioChunk(0, 0, 3 * A_FRAME_OF_SOUND))
    await session.push_frames(FrameBatch(0, 1, ONE_FRAME))
    await session.finish()


async def _no_frames_at_all(session: CompositionSession) -> None:
    await session.finish()


async def push_and_read(session: CompositionSession, misuse: Misuse) -> None:
    """A remote body may report what was pushed wrongly only when it is read."""
    await misuse(session)
    await film.drain(session)


@pytest.mark.parametrize(
    ("field", "misuse"),
    [
        ("frames.first_frame", _skip_a_frame),
        ("frames.first_frame", _repeat_a_frame),
        ("frames.data", _short_frame),
        ("frames.data", _no_frames_in_a_batch),
        ("audio.start_sample", _gap_in_audio),
        ("audio.sequence", _audio_chunk_lost),
        ("audio.pcm", _too_much_audio),
        ("audio.start_sample", _audio_missing_at_the_end),
        ("audio.start_sample", _frames_missing_at_the_end),
        ("frames", _no_frames_at_all),
    ],
)
async def test_input_out_of_order(compositor: Compositor, field: str, misuse: Misuse) -> None:
    async with compositor.open(SPEC) as session:
        with pytest.raises(InvalidArgument) as caught:
            await push_and_read(session, misuse)
        with pytest.raises(InvalidArgument):
            await film.drain(session)
    assert caught.value.reason is Reason.STREAM_PROTOCOL
    assert caught.value.field == field
    assert caught.value.message.startswith(f"{field}: ")


@pytest.mark.parametrize("container", list(Container))
async def test_leaving_early_leaves_nothing(compositor: Compositor, container: Container) -> None:
    spec = OutputSpec(VideoFormat(640, 480), container=container)
    pictures = film.frames(spec.video, 8)
    process = psutil.Process()
    await compose_tone(compositor, replace(SPEC, container=container), 5)
    files = {file.path for file in process.open_files()}

    async with compositor.open(spec) as session:
        await session.push_audio(AudioChunk(0, 0, film.tone(spec.video, 100)))
        for batch in film.batches(pictures, 4):
            await session.push_frames(batch)
    await until(lambda: process.children() == [])
    await until(lambda: {file.path for file in process.open_files()} == files)
    await until(lambda: not any(thread.name.startswith("compositor") for thread in threading.enumerate()))
    await compose_tone(compositor, replace(SPEC, container=container), 5)


async def test_a_cancelled_caller_leaves_nothing(compositor: Compositor) -> None:
    opened = asyncio.Event()

    async def wait_for_ever() -> None:
        async with compositor.open(replace(SPEC, container=Container.WEBM)) as session:
            await session.push_frames(FrameBatch(0, 1, ONE_FRAME))
            opened.set()
            await anext(session.segments())

    task = asyncio.create_task(wait_for_ever())
    await opened.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: psutil.Process().children() == [])


async def test_busy_when_all_sessions_are_taken(compositor: Compositor) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(MAX_SESSIONS):
            session = await stack.enter_async_context(compositor.open(SPEC))
            await anext(session.segments())
        with pytest.raises(ResourceExhausted) as caught:
            await read_one_segment(compositor)
        assert caught.value.reason is Reason.SERVER_BUSY
        assert caught.value.retry_after_s
    await until(lambda: not any(thread.name.startswith("compositor") for thread in threading.enumerate()))
    assert len(await compose_tone(compositor, SPEC, 1)) == 2


async def test_busy_time_is_reported(compositor: Compositor) -> None:
    async with compositor.open(SPEC) as session, asyncio.TaskGroup() as tasks:
        pictures, pcm = film.frames(SPEC.video, 10), film.tone(SPEC.video, 10)
        tasks.create_task(film.push(session, SPEC, pictures, pcm, batch=5, chunk=960))
        await film.drain(session)
    assert session.busy_us > 0
