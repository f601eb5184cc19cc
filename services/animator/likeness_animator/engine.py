"""What an engine is. Engines are synchronous and know nothing of gRPC, threads or other engines."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Self

from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import AudioChunk, FrameBatch, Mark, VideoFormat
from likeness_common.stages.animator import AnimationOptions, EngineInfo
from likeness_common.weights import WeightStore


def foreign_checkpoint(error: Exception) -> InvalidArgument:
    """The refusal of a checkpoint that cannot be read, or is of another animation, as `error` says."""
    return InvalidArgument(
        Reason.FIELD_INVALID,
        f"checkpoint does not belong to this animation ({error}): send one from its own frames, or none",
        field="checkpoint",
    )


class EngineSession(ABC):
    """One animation. Same portrait, speech, options and seed give the same frames, however the speech is chunked."""

    video: VideoFormat
    """Effective format: for Framing.FULL the size follows the picture's aspect ratio."""

    first_frame: int
    """Index of the first frame that will be drawn: 0, or the one after the checkpoint."""

    @abstractmethod
    def push(self, event: AudioChunk | Mark) -> Iterator[FrameBatch]:
        """Take speech in order, a mark no later than its audio, and draw lazily every frame that it completes.

        A frame may be drawn once audio reaches its end plus the engine's lookahead.
        """

    @abstractmethod
    def finish(self) -> Iterator[FrameBatch]:
        """Draw the remaining frames: ceil(samples * fps / rate) in all, at least one."""

    def stop(self) -> None:  # noqa: B027 - for engines whose frames take long
        """Give up the frame that is being drawn, which then raises Cancelled. Comes from another thread, maybe twice.

        Engines that draw a frame in a moment need not heed it.
        """

    @abstractmethod
    def close(self) -> None:
        """Free all that the session holds. May be called at any time, and twice."""


class Engine(ABC):
    """A way to make a portrait speak."""

    info: EngineInfo
    """Capabilities; constant."""

    @classmethod
    def create(cls, weights: WeightStore, settings: Any) -> Self:  # noqa: ARG003 - for engines that need them
        """Make the engine for a service, which may lack its weights: they are read when it opens its first session.

        `settings` are those that the service has for this engine, of the engine's own type; None takes the defaults.
        """
        return cls()

    @abstractmethod
    def open(self, portrait: AnalysedPortrait, options: AnimationOptions) -> EngineSession:
        """Start an animation. Raises InvalidArgument for options it cannot meet."""
