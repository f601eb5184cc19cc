"""The bridge between the event loop and an engine's thread."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from likeness_animator.portrait import AnalysedPortrait
from likeness_animator.session import QUEUED_BATCHES, QUEUED_EVENTS, LocalSession
from likeness_common.errors import Cancelled, InvalidArgument, Reason
from likeness_common.media import AudioChunk, Box, FrameBatch, Mark, MarkKind, Portrait, VideoFormat
from likeness_common.stages.animator import AnimationOptions
from tests.fakes.engines import FakeEngine, FakeSession
from tests.waiting import until

pytestmark = pytest.mark.unit

VIDEO = VideoFormat(64, 64)
OPTIONS = AnimationOptions(VIDEO, seed=7)
PORTRAIT = AnalysedPortrait(
    Portrait("0" * 64, 64, 64, Box(0, 0, 64, 64)), np.zeros((64, 64, 3), np.uint8), np.zeros((478, 3), np.float32)
)
PCM = np.random.default_rng(0).integers(-9000, 9000, 24_000, np.int16).tobytes()
FRAME_SAMPLES = 960


def chunks(pcm: bytes, samples: int) -> list[AudioChunk]:
    pieces = [pcm[start : start + 2 * samples] for start in range(0, len(pcm), 2 * samples)]
    return [AudioChunk(number, number * samples, piece) for number, piece in enumerate(pieces)]


@asynccontextmanager
async def opened(engine: FakeEngine, options: AnimationOptions = OPTIONS) -> AsyncIterator[LocalSession]:
    session = LocalSession(engine, PORTRAIT, options)
    try:
        await session.opened()
        yield session
    finally:
        await session.stop()


async def push_all(session: LocalSession, speech: list[AudioChunk]) -> None:
    for chunk in speech:
        await session.push(chunk)
    await session.finish()


async def render(samples: int, options: AnimationOptions = OPTIONS) -> list[FrameBatch]:
    async with opened(FakeEngine(), options) as session:
        pushing = asyncio.create_task(push_all(session, chunks(PCM, samples)))
        batches = [batch async for batch in session.frames()]
        await pushing
    return batches


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("animate-")]


async def settled(value: Callable[[], int]) -> int:
    """The value once it no longer changes."""
    last = value()
    await asyncio.sleep(0.1)
    return last if value() == last else await settled(value)


async def outcome(session: LocalSession) -> tuple[list[int], BaseException | None]:
    """Numbers of the frames that come, and the error that ends them."""
    seen: list[int] = []
    try:
        async for batch in session.frames():
            seen.append(batch.first_frame)  # noqa: PERF401 - what came before an error counts
    except Exception as error:
        return seen, error
    return seen, None


class Gate:
    """Holds the engine's thread before a frame until it is opened."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self.waiting = threading.Event()
        self.open = self._open.set

    def __call__(self, frame: int) -> None:
        self.waiting.set()
        assert self._open.wait(10), "the gate stayed shut"


class SlowToOpen(FakeEngine):
    """Opens its sessions once a gate is open."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self._gate = gate

    def open(self, portrait: AnalysedPortrait, options: AnimationOptions) -> FakeSession:
        self._gate(0)
        return super().open(portrait, options)


async def test_frames_cover_the_speech_in_order() -> None:
    batches = await render(1000)
    assert [batch.first_frame for batch in batches] == list(range(25))
    assert all(len(batch.data) == VIDEO.frame_bytes for batch in batches)


async def test_frames_do_not_depend_on_the_chunks() -> None:
    expected = await render(480)
    for samples in (100, 960, 24_000):
        assert await render(samples) == expected


async def test_another_seed_gives_other_frames() -> None:
    assert await render(480, AnimationOptions(VIDEO, seed=8)) != await render(480)


async def test_a_checkpoint_continues_with_the_same_frames() -> None:
    whole = await render(960)
    rest = await render(960, AnimationOptions(VIDEO, seed=7, checkpoint=whole[9].checkpoint))
    assert rest == whole[10:]


async def test_first_frame_and_format_are_known_once_open() -> None:
    async with opened(FakeEngine(), AnimationOptions(VIDEO, checkpoint=b"12")) as session:
        assert session.first_frame == 12
        assert session.video == VIDEO


async def test_a_slow_reader_slows_the_engine() -> None:
    drawn: list[int] = []
    async with opened(FakeEngine(drawn.append)) as session:
        await session.push(AudioChunk(0, 0, PCM))
        # One more than the queue holds is drawn and waits for room.
        assert await settled(lambda: len(drawn)) == QUEUED_BATCHES + 1
        frames = session.frames()
        await anext(frames)
        assert await settled(lambda: len(drawn)) == QUEUED_BATCHES + 2


async def test_a_slow_engine_slows_the_writer() -> None:
    gate = Gate()
    speech = chunks(PCM * 4, FRAME_SAMPLES)
    pushed = 0

    async def push(session: LocalSession) -> None:
        nonlocal pushed
        for chunk in speech:
            await session.push(chunk)
            pushed += 1
        await session.finish()

    async with opened(FakeEngine(gate)) as session:
        pushing = asyncio.create_task(push(session))
        # One is with the engine, the rest of those accepted wait in the queue.
        assert await settled(lambda: pushed) == QUEUED_EVENTS + 1
        gate.open()
        seen, error = await outcome(session)
        await pushing
    assert (len(seen), error) == (len(speech), None)


async def test_leaving_stops_the_thread_and_closes_the_engine() -> None:
    engine = FakeEngine()
    async with opened(engine) as session:
        await session.push(AudioChunk(0, 0, PCM * 10))
        await anext(session.frames())
        assert len(threads()) == 1
    await until(lambda: not threads())
    assert engine.sessions[0].closed
    assert engine.sessions[0].thread is not threading.current_thread()


async def test_cancelling_the_consumer_stops_the_thread() -> None:
    engine = FakeEngine()

    async def consume() -> None:
        async with opened(engine) as session:
            await session.push(AudioChunk(0, 0, PCM))
            async for _ in session.frames():
                pass

    task = asyncio.create_task(consume())
    await until(lambda: bool(engine.sessions))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not threads())
    assert engine.sessions[0].closed


async def test_leaving_while_the_engine_opens_closes_what_it_opened() -> None:
    gate = Gate()
    engine = SlowToOpen(gate)

    async def leave() -> None:
        async with opened(engine):
            pytest.fail("it never opens")

    task = asyncio.create_task(leave())
    await until(gate.waiting.is_set)
    task.cancel()
    gate.open()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not threads())
    assert engine.sessions[0].closed


async def test_leaving_tells_the_engine_to_give_up_the_frame_under_way() -> None:
    drawing = threading.Event()

    def endless(frame: int) -> None:
        drawing.set()
        assert engine.sessions[0].stopped.wait(10), f"frame {frame} goes on"
        raise Cancelled(Reason.RENDER_CANCELLED, "stopped")

    engine = FakeEngine(endless)
    async with opened(engine) as session:
        await session.push(AudioChunk(0, 0, PCM))
        await until(drawing.is_set)
    assert isinstance((await outcome(session))[1], Cancelled)
    assert engine.sessions[0].closed


async def test_leaving_while_the_engine_opens_tells_it_too() -> None:
    gate = Gate()
    engine = SlowToOpen(gate)
    session = LocalSession(engine, PORTRAIT, OPTIONS)
    stopping = asyncio.create_task(session.stop())
    await until(gate.waiting.is_set)
    gate.open()
    await stopping
    assert engine.sessions[0].stopped.is_set()


async def test_leaving_wakes_readers_and_writers() -> None:
    gate = Gate()
    async with opened(FakeEngine(gate)) as session:
        reading = asyncio.create_task(outcome(session))
        writing = [asyncio.create_task(push_all(session, chunks(PCM * 3, FRAME_SAMPLES)))]
        await until(gate.waiting.is_set)
        stopping = asyncio.create_task(session.stop())
        gate.open()
        await stopping
    _, ended = await reading
    assert isinstance(ended, Cancelled)
    assert ended.reason is Reason.RENDER_CANCELLED
    for task in writing:
        with pytest.raises(Cancelled):
            await task


class Fault(Exception):
    """What an engine may raise."""


async def test_errors_of_the_engine_reach_reader_and_writers_after_the_good_frames() -> None:
    def fail(frame: int) -> None:
        if frame == 3:
            raise Fault("frame 3")

    engine = FakeEngine(fail)
    async with opened(engine) as session:
        pushing = asyncio.create_task(push_all(session, chunks(PCM * 4, FRAME_SAMPLES)))
        seen, error = await outcome(session)
        assert seen == [0, 1, 2]
        assert isinstance(error, Fault)
        with pytest.raises(Fault, match="frame 3"):
            await pushing
    await until(lambda: not threads())
    assert engine.sessions[0].closed


async def test_errors_while_opening_reach_the_opener() -> None:
    class Refusing(FakeEngine):
        def open(self, portrait: AnalysedPortrait, options: AnimationOptions) -> FakeSession:
            raise InvalidArgument(Reason.FIELD_INVALID, "not this size", field="video")

    session = LocalSession(Refusing(), PORTRAIT, OPTIONS)
    with pytest.raises(InvalidArgument, match="not this size"):
        await session.opened()
    await session.stop()
    await until(lambda: not threads())


async def test_errors_while_closing_are_not_hidden() -> None:
    class LeakySession(FakeSession):
        def close(self) -> None:
            raise Fault("close")

    class Leaky(FakeEngine):
        def open(self, portrait: AnalysedPortrait, options: AnimationOptions) -> FakeSession:
            return LeakySession(options, self.on_frame)

    async with opened(Leaky()) as session:
        await session.finish()
        seen, error = await outcome(session)
    assert seen == [0]
    assert isinstance(error, Fault)


async def test_busy_time_counts_drawing_and_not_waiting() -> None:
    spent_us = 0

    def work(frame: int) -> None:
        nonlocal spent_us
        started = time.perf_counter_ns()
        sum(range(20_000))
        spent_us += (time.perf_counter_ns() - started) // 1000

    async with opened(FakeEngine(work)) as session:
        await session.push(AudioChunk(0, 0, PCM))
        busy_us = await settled(lambda: session.busy_us)  # nobody reads, so the thread waits for room
        assert busy_us >= spent_us > 0
        await asyncio.sleep(0.1)
        assert session.busy_us == busy_us


@pytest.mark.parametrize(
    ("speech", "message"),
    [
        ([AudioChunk(0, 0, b"\0\0"), AudioChunk(2, 1, b"\0\0")], "without gaps"),
        ([AudioChunk(0, 0, b"\0\0"), AudioChunk(1, 5, b"\0\0")], "without gaps"),
        ([AudioChunk(0, -1, b"\0\0")], "start at 0"),
    ],
)
async def test_gaps_in_the_audio_are_refused(speech: list[AudioChunk], message: str) -> None:
    async with opened(FakeEngine()) as session:
        with pytest.raises(InvalidArgument, match=message) as raised:
            await push_all(session, speech)
        assert raised.value.reason is Reason.STREAM_PROTOCOL


async def test_speech_after_finish_and_a_second_finish_are_refused() -> None:
    async with opened(FakeEngine()) as session:
        await session.finish()
        with pytest.raises(InvalidArgument, match="after finish"):
            await session.push(AudioChunk(0, 0, b"\0\0"))
        with pytest.raises(InvalidArgument, match="twice"):
            await session.finish()


async def test_oversized_chunks_and_backward_marks_are_refused() -> None:
    async with opened(FakeEngine()) as session:
        with pytest.raises(InvalidArgument, match="at most 1048576"):
            await session.push(AudioChunk(0, 0, bytes(2 * 1024 * 1024)))
        with pytest.raises(InvalidArgument, match="interval"):
            await session.push(Mark(MarkKind.WORD, 10, 5, 0, 1, "a"))
