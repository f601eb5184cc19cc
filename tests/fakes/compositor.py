"""A compositor that hashes what it should encode."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from likeness_common.media import AudioChunk, FrameBatch, Segment, SegmentKind
from likeness_common.stages.compositor import CompositionSession, Compositor, OutputSpec
from tests.fakes.faults import Faults

OUTPUT_LIMIT = 2
SEGMENT_BYTES = 4_000


class FakeCompositor(Compositor):
    """Every `segment_ms` of input becomes a segment whose bytes depend on all sound and pictures in it.

    Faults: `open`, `audio`, `frames`, `finish`, `segment` (before each one), `end`. `made` lists all sessions.
    """

    def __init__(self) -> None:
        self.faults = Faults()
        self.open_sessions = 0
        self.made: list[FakeComposition] = []

    @asynccontextmanager
    async def open(self, spec: OutputSpec) -> AsyncIterator["FakeComposition"]:
        """See Compositor."""
        await self.faults.reach("open")
        self.open_sessions += 1
        session = FakeComposition(self.faults, spec)
        self.made.append(session)
        try:
            yield session
        finally:
            self.open_sessions -= 1


class FakeComposition(CompositionSession):
    """See FakeCompositor. `samples` and `frames` count the input."""

    def __init__(self, faults: Faults, spec: OutputSpec) -> None:
        self.spec = spec
        self.samples = 0
        self.frames = 0
        self.sound = bytearray()
        self._faults = faults
        self._first = 0
        self._hash = hashlib.sha256()
        self._output: asyncio.Queue[Segment | None] = asyncio.Queue(OUTPUT_LIMIT)
        self._sequence = 1

    async def push_audio(self, chunk: AudioChunk) -> None:
        """See CompositionSession."""
        await self._faults.reach("audio")
        assert chunk.start_sample == self.samples
        self.samples = chunk.end_sample
        self.sound += chunk.pcm
        self._hash.update(chunk.pcm)

    async def push_frames(self, batch: FrameBatch) -> None:
        """See CompositionSession."""
        await self._faults.reach("frames")
        video = self.spec.video
        assert batch.first_frame == self.frames
        assert len(batch.data) == batch.count * video.frame_bytes
        assert self.samples >= video.frame_start_sample(batch.end_frame, self.spec.audio.sample_rate_hz)
        self.frames = batch.end_frame
        self._hash.update(batch.data)
        if (self.frames - self._first) * 1000 >= self.spec.segment_ms * video.fps:
            await self._emit()

    async def finish(self) -> None:
        """See CompositionSession."""
        await self._faults.reach("finish")
        if self.frames > self._first:
            await self._emit()
        await self._output.put(None)

    async def segments(self) -> AsyncIterator[Segment]:
        """See CompositionSession."""
        await self._faults.reach("segment")
        yield Segment.of(0, SegmentKind.INIT, b"init")
        while (segment := await self._output.get()) is not None:
            await self._faults.reach("segment")
            yield segment
        await self._faults.reach("end")
        self.busy_us = self.frames * 500

    async def _emit(self) -> None:
        data = self._hash.digest() * (SEGMENT_BYTES // 32)
        segment = Segment.of(self._sequence, SegmentKind.MEDIA, data)
        await self._output.put(segment.at(self._first, self.frames - self._first, self.spec.video.fps))
        self._sequence += 1
        self._first = self.frames
