"""An animation that draws on a thread of its own."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from queue import SimpleQueue
from typing import TypeVar

from likeness_animator.engine import Engine, EngineSession
from likeness_animator.order import SpeechOrder
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.errors import Cancelled, Reason
from likeness_common.media import AudioChunk, FrameBatch, Mark
from likeness_common.stages.animator import AnimationOptions, AnimationSession

log = logging.getLogger(__name__)

QUEUED_EVENTS = 32
QUEUED_BATCHES = 3

Result = TypeVar("Result")


class _Stopped(Exception):
    """The session was left: the thread has to end."""


class LocalSession(AnimationSession):
    """Bridges the event loop and one EngineSession.

    Both queues are bounded by semaphores on the side that has to wait: pushing waits on the loop while the engine is
    behind, and the thread waits before it keeps more than QUEUED_BATCHES batches that nobody has read.
    """

    def __init__(self, engine: Engine, portrait: AnalysedPortrait, options: AnimationOptions) -> None:
        self._loop = asyncio.get_running_loop()
        self._order = SpeechOrder()
        self._input: SimpleQueue[AudioChunk | Mark | None] = SimpleQueue()
        self._input_room = asyncio.Semaphore(QUEUED_EVENTS)
        self._output: asyncio.Queue[FrameBatch | None] = asyncio.Queue()
        self._output_room = threading.Semaphore(QUEUED_BATCHES)
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._error: BaseException | None = None
        self._stopping = False
        self._session: EngineSession | None = None
        work = threading.Thread(
            target=self._work, args=(engine, portrait, options), name=f"animate-{engine.info.name}", daemon=True
        )
        work.start()

    async def opened(self) -> None:
        """Wait until the engine has opened its session. Raises what the engine raises."""
        await self._opened

    async def stop(self) -> None:
        """End the thread, which gives up what it draws if it can, and free what the engine holds."""
        self._stopping = True
        if self._session is not None:
            self._session.stop()
        self._input.put(None)
        self._output_room.release()
        await asyncio.shield(self._ended)

    async def push(self, event: AudioChunk | Mark) -> None:
        """See AnimationSession. Raises InvalidArgument for speech out of order, or the error that ended the drawing."""
        self._order.check(event)
        await self._hand_over(event)

    async def finish(self) -> None:
        """See AnimationSession."""
        self._order.finish()
        await self._hand_over(None)

    async def frames(self) -> AsyncIterator[FrameBatch]:
        """See AnimationSession."""
        while (batch := await self._output.get()) is not None:
            self._output_room.release()
            yield batch
        self._output.put_nowait(None)  # the end stays the end for whoever asks again
        if self._error:
            raise self._error

    async def _hand_over(self, item: AudioChunk | Mark | None) -> None:
        await self._input_room.acquire()
        if self._ended.done():
            self._input_room.release()  # wakes the next one that waits
            raise self._error or Cancelled(Reason.RENDER_CANCELLED, "the animation is over; open another one")
        self._input.put(item)

    def _work(self, engine: Engine, portrait: AnalysedPortrait, options: AnimationOptions) -> None:
        """The thread: draws until the speech is finished, the session is left, or something fails."""
        session: EngineSession | None = None
        error: BaseException | None = None
        try:
            session = self._timed(lambda: engine.open(portrait, options))
            self._tell(self._announce, session)
            self._draw(session)
        except _Stopped:
            error = Cancelled(Reason.RENDER_CANCELLED, "the animation was left before its end; open another one")
        except BaseException as raised:  # whatever it is belongs to the consumer
            error = raised
        self._tell(self._end, _close(session) or error)

    def _draw(self, session: EngineSession) -> None:
        while (event := self._next_event()) is not None:
            self._emit(self._timed(lambda: session.push(event)))
        self._emit(self._timed(session.finish))

    def _next_event(self) -> AudioChunk | Mark | None:
        event = self._input.get()
        if self._stopping:
            raise _Stopped
        self._tell(self._input_room.release)
        return event

    def _emit(self, batches: Iterator[FrameBatch]) -> None:
        while (batch := self._timed(lambda: next(batches, None))) is not None:
            self._output_room.acquire()
            if self._stopping:
                raise _Stopped
            self._tell(self._output.put_nowait, batch)

    def _timed(self, work: Callable[[], Result]) -> Result:
        started = time.perf_counter_ns()
        try:
            return work()
        finally:
            self.busy_us += (time.perf_counter_ns() - started) // 1000

    def _tell(self, callback: Callable[..., object], *arguments: object) -> None:
        self._loop.call_soon_threadsafe(callback, *arguments)

    def _announce(self, session: EngineSession) -> None:
        self.video, self.first_frame, self._session = session.video, session.first_frame, session
        if self._stopping:
            session.stop()
        if not self._opened.done():  # the opener may have given up
            self._opened.set_result(None)

    def _end(self, error: BaseException | None) -> None:
        self._error = error
        self._output.put_nowait(None)
        self._ended.set_result(None)
        self._input_room.release()
        if not self._opened.done():
            self._opened.set_exception(error or RuntimeError("the engine opened no session"))


def _close(session: EngineSession | None) -> BaseException | None:
    """Free what the engine holds; an error in that is the session's error."""
    try:
        if session is not None:
            session.close()
    except Exception as error:
        log.exception("an engine session could not be closed")
        return error
    return None
