"""Engines whose frames are too many, too few, or not as asked."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from likeness_animator.portrait import AnalysedPortrait
from likeness_common.media import AudioChunk, FrameBatch, Mark, PixelFormat, VideoFormat
from likeness_common.stages.animator import AnimationOptions
from tests.contract.toy_engine import ToyEngine, ToySession


class SkippingSession(ToySession):
    def forget(self, frame: int) -> None:
        super().forget(frame + (frame == 7))


class Skipping(ToyEngine):
    session = SkippingSession


class RepeatingSession(ToySession):
    def batch(self, first: int, count: int, data: bytes) -> FrameBatch:
        return super().batch(max(0, first - 1), count, data)


class Repeating(ToyEngine):
    session = RepeatingSession


class ShortFramesSession(ToySession):
    def batch(self, first: int, count: int, data: bytes) -> FrameBatch:
        return super().batch(first, count, data[:-1])


class ShortFrames(ToyEngine):
    session = ShortFramesSession


class EndingEarlySession(ToySession):
    def finish(self) -> Iterator[FrameBatch]:
        return self.draw(max(1, self.received * self.video.fps // self.rate))


class EndingEarly(ToyEngine):
    """Leaves out the frame that outlasts the sound."""

    session = EndingEarlySession


class EmptySession(ToySession):
    def finish(self) -> Iterator[FrameBatch]:
        return super().finish() if self.received else iter(())


class Empty(ToyEngine):
    """Draws nothing where nothing is said."""

    session = EmptySession


class SquareOnly(ToyEngine):
    def effective(self, portrait: AnalysedPortrait, options: AnimationOptions) -> VideoFormat:
        video, side = options.video, min(options.video.width, options.video.height)
        return VideoFormat(side, side, video.fps, video.pixel_format)


class OneFormatOnly(ToyEngine):
    def effective(self, portrait: AnalysedPortrait, options: AnimationOptions) -> VideoFormat:
        video = super().effective(portrait, options)
        return VideoFormat(video.width, video.height, video.fps, PixelFormat.I420)


class FullRangeSession(ToySession):
    def encoded(self, picture: NDArray[np.float64]) -> bytes:
        if self.video.pixel_format is PixelFormat.RGB24:
            return super().encoded(picture)
        return picture.round().astype(np.uint8).tobytes() + bytes([128]) * (picture.size // 2)


class FullRange(ToyEngine):
    session = FullRangeSession


class StretchingTheWhole(ToyEngine):
    def effective(self, portrait: AnalysedPortrait, options: AnimationOptions) -> VideoFormat:
        return options.video


class AllAtOnceSession(ToySession):
    def draw(self, end: int) -> Iterator[FrameBatch]:
        batches = list(super().draw(end))
        if batches:
            data = b"".join(batch.data for batch in batches)
            yield FrameBatch(batches[0].first_frame, len(data) // self.video.frame_bytes, data, batches[-1].checkpoint)


class AllAtOnce(ToyEngine):
    session = AllAtOnceSession


class EagerSession(ToySession):
    def push(self, event: AudioChunk | Mark) -> Iterator[FrameBatch]:
        return iter(list(super().push(event)))


class Eager(ToyEngine):
    """Draws all that it can before the first frame is read."""

    session = EagerSession
