"""The compositor itself: sessions that encode on a thread of their own."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TypeVar

from likeness_common.errors import Cancelled, InvalidArgument, Reason, ResourceExhausted
from likeness_common.media import AudioChunk, Container, FrameBatch, Segment
from likeness_common.stages.compositor import CompositionSession, Compositor, OutputSpec
from likeness_compositor.channel import Channel
from likeness_compositor.finished import FinishedWriter
from likeness_compositor.live import LiveWriter
from likeness_compositor.spec import validate
from likeness_compositor.timeline import Timeline
from likeness_compositor.writer import Writer

MAX_SESSIONS = 8
_RETRY_AFTER_S = 1.0
_QUEUED_INPUTS = 3
_QUEUED_SEGMENTS = 4

Item = TypeVar("Item", AudioChunk, FrameBatch)
Result = TypeVar("Result")


class LocalCompositor(Compositor):
    """Encodes in this process; finished files in an ffmpeg process each."""

    def __init__(self, max_sessions: int = MAX_SESSIONS) -> None:
        self._max_sessions = max_sessions
        self._sessions = 0

    @asynccontextmanager
    async def open(self, spec: OutputSpec) -> AsyncIterator["LocalSession"]:
        """See Compositor. Raises InvalidArgument for a bad spec, ResourceExhausted when all sessions are taken."""
        validate(spec)
        with self._slot():
            session = LocalSession(spec)
            try:
                await session.begin()
                yield session
            finally:
                await session.end()

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if self._sessions >= self._max_sessions:
            raise ResourceExhausted(
                Reason.SERVER_BUSY,
                f"all {self._max_sessions} encoding sessions are taken; try again later",
                retry_after_s=_RETRY_AFTER_S,
            )
        self._sessions += 1
        try:
            yield
        finally:
            self._sessions -= 1


class LocalSession(CompositionSession):
    """See CompositionSession. Input and output are bounded: whoever pushes waits until someone reads the segments.

    Pushing what cannot come next raises InvalidArgument (STREAM_PROTOCOL) and ends the session; the reader of the
    segments gets the same error.
    """

    def __init__(self, spec: OutputSpec) -> None:
        self._spec = spec
        self._timeline = Timeline(spec)
        self._input: Channel[AudioChunk | FrameBatch] = Channel(_QUEUED_INPUTS)
        self._output: Channel[Segment] = Channel(_QUEUED_SEGMENTS)
        # PyAV releases the GIL while it encodes; one thread keeps the calls in order.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="compositor")
        self._writer: Writer | None = None
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Open the encoders and start encoding."""
        writer = await self._on_thread(self._open_writer)
        self._task = asyncio.create_task(self._encode(writer))

    async def end(self) -> None:
        """Stop, and free everything. A step that is under way ends first, within milliseconds."""
        await self._fail(Cancelled(Reason.RENDER_CANCELLED, "the session has been left; open another one"))
        if self._task:
            self._task.cancel()
        if self._writer:
            self._writer.abort()
        closing = self._on_thread(self._close_writer)
        self._thread.shutdown(wait=False)
        await asyncio.shield(closing)
        if self._task:
            await asyncio.wait([self._task])

    async def push_audio(self, chunk: AudioChunk) -> None:
        """See CompositionSession."""
        await self._push(self._timeline.take_audio, chunk)

    async def push_frames(self, batch: FrameBatch) -> None:
        """See CompositionSession."""
        await self._push(self._timeline.take_frames, batch)

    async def finish(self) -> None:
        """See CompositionSession."""
        try:
            self._timeline.finish()
        except InvalidArgument as error:
            await self._fail(error)
            raise
        await self._input.close()

    async def segments(self) -> AsyncIterator[Segment]:
        """See CompositionSession."""
        async for segment in self._output:
            yield segment

    async def _push(self, take: Callable[[Item], None], item: Item) -> None:
        try:
            take(item)
        except InvalidArgument as error:
            await self._fail(error)
            raise
        await self._input.put(item)

    async def _fail(self, error: Exception) -> None:
        await self._output.close(error)
        await self._input.close(error)

    async def _encode(self, writer: Writer) -> None:
        try:
            await self._emit(writer.start)
            async for item in self._input:
                for step in self._steps(writer, item):
                    await self._emit(step)
            rest = await self._on_thread(writer.finish)
            while (segment := await self._on_thread(partial(next, rest, None))) is not None:
                await self._output.put(segment)
        except Exception as error:
            await self._fail(error)
        else:
            await self._output.close()

    def _steps(self, writer: Writer, item: AudioChunk | FrameBatch) -> Iterator[Callable[[], list[Segment]]]:
        """Frame by frame, so that a segment leaves as soon as its last frame is encoded."""
        if isinstance(item, AudioChunk):
            yield partial(writer.add_audio, item.pcm)
            return
        size = self._spec.video.frame_bytes
        frames = memoryview(item.data)
        for start in range(0, len(frames), size):
            yield partial(writer.add_frame, frames[start : start + size])

    async def _emit(self, step: Callable[[], list[Segment]]) -> None:
        for segment in await self._on_thread(step):
            await self._output.put(segment)

    def _on_thread(self, step: Callable[[], Result]) -> asyncio.Future[Result]:
        def timed() -> Result:
            start = time.perf_counter_ns()
            try:
                return step()
            finally:
                # Waiting for input or for readers is not counted.
                self.busy_us += (time.perf_counter_ns() - start) // 1000

        return asyncio.get_running_loop().run_in_executor(self._thread, timed)

    def _open_writer(self) -> Writer:
        # Assigned here, on the thread: a session left while it opens closes what was opened.
        live = self._spec.container is Container.FRAGMENTED_MP4
        self._writer = LiveWriter(self._spec) if live else FinishedWriter(self._spec)
        return self._writer

    def _close_writer(self) -> None:
        if self._writer:
            self._writer.close()
            self._writer = None
