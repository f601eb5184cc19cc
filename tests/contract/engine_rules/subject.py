"""An engine under test, and the films it makes."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engine import Engine, EngineSession
from likeness_animator.local import LocalAnimator
from likeness_animator.portrait import AnalysedPortrait
from likeness_animator.registry import EngineRegistry, Entry
from likeness_common.media import AudioFormat, FrameBatch, PixelFormat, VideoFormat
from likeness_common.stages.animator import AnimationOptions, EngineInfo
from likeness_common.weights import WeightStore
from tests.contract.engine_rules.speech import Speech, push_all

SMALL = VideoFormat(64, 64)
SEED = 3


@dataclass(frozen=True, slots=True)
class Film:
    """All batches of an animation."""

    video: VideoFormat
    batches: Sequence[FrameBatch]

    @property
    def frames(self) -> list[bytes]:
        """Single frames."""
        size = self.video.frame_bytes
        return [batch.data[i * size : (i + 1) * size] for batch in self.batches for i in range(batch.count)]

    @property
    def pictures(self) -> NDArray[np.float64]:
        """Brightness, (frames, height, width), 0 to 255; of I420 frames."""
        assert self.video.pixel_format is PixelFormat.I420
        height, width = self.video.height, self.video.width
        luma = [np.frombuffer(frame, np.uint8)[: height * width] for frame in self.frames]
        return np.array(luma, np.float64).reshape(-1, height, width)


@dataclass(frozen=True)
class Subject:
    """An engine of `entries`, ready to draw small, with analysed portraits by name; `photo` is the file of `plain`."""

    name: str
    entries: Mapping[str, Entry]
    weights: WeightStore
    photo: bytes
    portraits: Mapping[str, AnalysedPortrait]

    @cached_property
    def engine(self) -> Engine:
        """The one that is used again and again."""
        return self.another()

    def another(self) -> Engine:
        """A new instance, of a registry of its own."""
        return EngineRegistry(self.weights, self.entries).engine(self.name)

    def animator(self) -> LocalAnimator:
        """A whole animator with the engine."""
        return LocalAnimator(self.weights, engines=self.entries)

    @property
    def info(self) -> EngineInfo:
        return self.engine.info

    def options(self, speech: Speech, video: VideoFormat = SMALL, **changes: object) -> AnimationOptions:
        """Small frames, for speech of its sample rate."""
        facts: dict[str, object] = {"seed": SEED, "audio": AudioFormat(speech.rate_hz), **changes}
        return AnimationOptions(video, self.name, **facts)  # type: ignore[arg-type]  # the names carry the types

    def open(
        self, speech: Speech, video: VideoFormat = SMALL, portrait: str = "plain", **changes: object
    ) -> EngineSession:
        """A session for the speech."""
        return self.engine.open(self.portraits[portrait], self.options(speech, video, **changes))

    def film(
        self,
        speech: Speech,
        video: VideoFormat = SMALL,
        chunks: Iterable[int] = (),
        portrait: str = "plain",
        start_sample: int = 0,
        **changes: object,
    ) -> Film:
        """The animation of the whole speech."""
        with closing(self.open(speech, video, portrait, **changes)) as session:
            return Film(session.video, list(push_all(session, speech, chunks, start_sample)))

    def heard(self, speech: Speech) -> Speech:
        """The speech as the engine says it needs it: with marks, or the sound alone."""
        return speech if self.info.needs_marks else speech.unmarked()
