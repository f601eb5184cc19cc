"""Engines that draw at once, for tests of everything around engines; and real ones at a reduced size."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping

from likeness_animator.engine import Engine, EngineSession
from likeness_animator.portrait import AnalysedPortrait
from likeness_animator.registry import ENGINES, Entry
from likeness_common.media import AudioChunk, FrameBatch, Mark, VideoFormat
from likeness_common.stages.animator import AnimationOptions, EngineInfo

SMALL_ENGINES: Mapping[str, Entry] = {**ENGINES, "sadtalker": Entry("tests.fakes.sadtalker:SmallSadTalker")}
"""All engines of the animator, ready to draw in tests: heavy ones by a class with seeded weights, at a reduced size."""


def fake_info(name: str = "fake", weights: tuple[str, ...] = ()) -> EngineInfo:
    return EngineInfo(
        name=name,
        description="Draws a colour that depends on the sound.",
        streaming=True,
        needs_marks=False,
        max_side=1024,
        memory_mib=1,
        expected_rtf=0.001,
        lookahead_ms=0,
        runners=("numpy",),
        weights=weights,
        code_licence="Apache-2.0",
        weight_licences=(),
    )


class FakeEngine(Engine):
    """Each frame is filled with the hash of its sound, its number and the seed. `on_frame` runs before each one."""

    info = fake_info()

    def __init__(self, on_frame: Callable[[int], None] = lambda frame: None) -> None:
        self.on_frame = on_frame
        self.sessions: list[FakeSession] = []

    def open(self, portrait: AnalysedPortrait, options: AnimationOptions) -> "FakeSession":
        session = FakeSession(options, self.on_frame)
        self.sessions.append(session)
        return session


class FakeSession(EngineSession):
    def __init__(self, options: AnimationOptions, on_frame: Callable[[int], None]) -> None:
        self.video: VideoFormat = options.video
        self.first_frame = int(options.checkpoint or b"0")
        self.closed = False
        self.stopped = threading.Event()
        self.thread = threading.current_thread()
        self._options = options
        self._on_frame = on_frame
        self._next = self.first_frame
        self._samples = bytearray()

    def push(self, event: AudioChunk | Mark) -> Iterator[FrameBatch]:
        if isinstance(event, AudioChunk):
            self._samples[event.start_sample * 2 :] = event.pcm
        return self._draw(self._frame_at(len(self._samples) // 2))

    def finish(self) -> Iterator[FrameBatch]:
        return self._draw(max(1, self.video.frames_covering(len(self._samples) // 2, self._rate)))

    def stop(self) -> None:
        self.stopped.set()

    def close(self) -> None:
        self.closed = True

    @property
    def _rate(self) -> int:
        return self._options.audio.sample_rate_hz

    def _frame_at(self, sample: int) -> int:
        """Number of whole frames within the first `sample` samples."""
        return sample * self.video.fps // self._rate

    def _draw(self, end: int) -> Iterator[FrameBatch]:
        while self._next < end:
            frame = self._next
            self._on_frame(frame)
            self._next += 1
            start, stop = (self.video.frame_start_sample(n, self._rate) * 2 for n in (frame, frame + 1))
            key = b"%d %d " % (frame, self._options.seed) + self._samples[start:stop]
            colour = hashlib.sha256(key).digest()[:1]
            yield FrameBatch(frame, 1, colour * self.video.frame_bytes, str(self._next).encode())


class WeightyEngine(FakeEngine):
    """An engine that needs weights of its own."""

    info = fake_info("weighty", weights=("face",))


class FaultyEngine(Engine):
    """An engine that cannot be created."""

    def __init__(self) -> None:
        raise OSError("libfault.so is missing")

    def open(self, portrait: AnalysedPortrait, options: AnimationOptions) -> EngineSession:
        raise AssertionError("never created")
