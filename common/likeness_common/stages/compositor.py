"""The compositor stage: frames and audio become a playable file, piece by piece."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from likeness_common.media import AudioChunk, AudioFormat, Container, FrameBatch, Segment, VideoFormat


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """What to encode. crf 10 (best) to 40; segment_ms 200 to 10000 caps a segment's length, the first are shorter."""

    video: VideoFormat
    audio: AudioFormat = field(default_factory=AudioFormat)
    container: Container = Container.FRAGMENTED_MP4
    crf: int = 23
    segment_ms: int = 1000


class CompositionSession(ABC):
    """One running encode. Push audio at least up to the end of the frames pushed with it."""

    busy_us: int = 0
    """Time spent encoding, in microseconds; complete once the segments have ended."""

    @abstractmethod
    async def push_audio(self, chunk: AudioChunk) -> None:
        """Hand over audio in order. Waits while the encoder is behind."""

    @abstractmethod
    async def push_frames(self, batch: FrameBatch) -> None:
        """Hand over frames in order. Waits while the encoder is behind."""

    @abstractmethod
    async def finish(self) -> None:
        """Nothing more comes; the last segments follow."""

    @abstractmethod
    def segments(self) -> AsyncIterator[Segment]:
        """Whole segments in order, until the end of the output."""


class Compositor(ABC):
    """Encodes."""

    @abstractmethod
    def open(self, spec: OutputSpec) -> AbstractAsyncContextManager[CompositionSession]:
        """Start an encode. Leaving the context stops it within a second; no process or temporary file remains."""
