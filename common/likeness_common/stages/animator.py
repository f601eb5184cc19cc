"""The animator stage: a portrait and speech become frames."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from likeness_common.media import Acting, AudioChunk, AudioFormat, FrameBatch, Framing, Mark, Portrait, VideoFormat


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine can do; see likeness.animator.v1.Engine for the meaning of each field."""

    name: str
    description: str
    streaming: bool
    needs_marks: bool
    max_side: int
    memory_mib: int
    expected_rtf: float
    lookahead_ms: int
    runners: tuple[str, ...]
    weights: tuple[str, ...]
    code_licence: str
    weight_licences: tuple[str, ...]
    unavailable_reason: str = ""
    commercial_restriction: str = ""
    fixed_size: bool = False

    @property
    def available(self) -> bool:
        """Whether it can render now."""
        return not self.unavailable_reason


@dataclass(frozen=True, slots=True)
class AnimationOptions:
    """How to animate. `seed` decides all that looks random; `checkpoint` continues from an earlier FrameBatch."""

    video: VideoFormat
    engine: str = "mesh"
    framing: Framing = Framing.AUTO
    audio: AudioFormat = field(default_factory=AudioFormat)
    acting: Acting = field(default_factory=Acting)
    seed: int = 0
    checkpoint: bytes = b""


class AnimationSession(ABC):
    """One running animation: push speech while iterating frames. Bounded on both sides."""

    video: VideoFormat
    """Effective format of the frames: for Framing.FULL the size may differ from the one asked for."""

    first_frame: int
    """Index of the first frame that will come."""

    busy_us: int = 0
    """Time spent drawing, in microseconds; complete once the frames have ended."""

    @abstractmethod
    async def push(self, event: AudioChunk | Mark) -> None:
        """Hand over speech in order, a mark no later than its audio. Waits while the engine is behind."""

    @abstractmethod
    async def finish(self) -> None:
        """No more speech comes; frames up to its end follow (the last one may outlast the audio)."""

    @abstractmethod
    def frames(self) -> AsyncIterator[FrameBatch]:
        """Frames in order, until the end of the finished speech."""


class Animator(ABC):
    """Makes portraits speak."""

    @abstractmethod
    async def engines(self) -> Sequence[EngineInfo]:
        """Every engine, the default first."""

    @abstractmethod
    async def upload_portrait(self, image: bytes) -> Portrait:
        """Analyse an image file (at most 20 MiB) and keep it under its content hash.

        Raises InvalidArgument (IMAGE_*, FACE_*) for a picture that cannot speak.
        """

    @abstractmethod
    async def get_portrait(self, portrait_id: str) -> Portrait:
        """The analysed portrait. Raises NotFound (PORTRAIT_NOT_FOUND) when it has to be uploaded first."""

    @abstractmethod
    def open(self, portrait_id: str, options: AnimationOptions) -> AbstractAsyncContextManager[AnimationSession]:
        """Start an animation. Leaving the context stops it within a second and frees all it holds."""
