"""A small engine that keeps every rule: a dim portrait that glows with the sound, and breathes by chance."""

import json
from collections.abc import Iterator
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.engine import Engine, EngineSession
from likeness_animator.portrait import AnalysedPortrait
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import AudioChunk, FrameBatch, Framing, Mark, PixelFormat, VideoFormat
from likeness_common.stages.animator import AnimationOptions, EngineInfo

MAX_SIDE = 512
BATCH = 5
GLOW_PER_LOUDNESS, MAX_GLOW = 1 / 60, 60.0
BREATH = 12

TOY_INFO = EngineInfo(
    name="toy",
    description="Glows with the sound.",
    streaming=True,
    needs_marks=False,
    max_side=MAX_SIDE,
    memory_mib=32,
    expected_rtf=0.01,
    lookahead_ms=40,
    runners=("numpy",),
    weights=(),
    code_licence="Apache-2.0",
    weight_licences=(),
)


class ToySession(EngineSession):
    """Keeps only the sound from the next frame on."""

    def __init__(self, portrait: AnalysedPortrait, video: VideoFormat, options: AnimationOptions) -> None:
        self.video = video
        self.options = options
        self.rate = options.audio.sample_rate_hz
        grey = cv2.cvtColor(portrait.image, cv2.COLOR_RGB2GRAY)
        face = cv2.resize(grey, (video.width, video.height), interpolation=cv2.INTER_AREA).astype(np.float64)
        self.face: NDArray[np.float64] | None = 30 + face / 2
        self.first_frame = self.restored(options.checkpoint) if options.checkpoint else 0
        self.next = self.first_frame
        self.start = self.starts(self.next)
        self.sound = np.zeros(0)

    def push(self, event: AudioChunk | Mark) -> Iterator[FrameBatch]:
        """See EngineSession."""
        if isinstance(event, Mark):
            return iter(())
        samples = np.frombuffer(event.pcm, "<i2")[max(0, self.received - event.start_sample) :]
        self.sound = np.concatenate([self.sound, samples])
        return self.draw(self.ready())

    def finish(self) -> Iterator[FrameBatch]:
        """See EngineSession."""
        return self.draw(max(1, self.video.frames_covering(self.received, self.rate)))

    def close(self) -> None:
        """See EngineSession."""
        self.face = None
        self.sound = np.zeros(0)

    @property
    def received(self) -> int:
        return self.start + len(self.sound)

    def starts(self, frame: int) -> int:
        """Sample at which the frame shows."""
        return self.video.frame_start_sample(frame, self.rate)

    def horizon(self, frame: int) -> int:
        """Sample until which the frame hears."""
        return self.starts(frame + 1) + TOY_INFO.lookahead_ms * self.rate // 1000

    def ready(self) -> int:
        """One past the last frame that can be drawn."""
        frame = self.next
        while self.horizon(frame) <= self.received:
            frame += 1
        return frame

    def draw(self, end: int) -> Iterator[FrameBatch]:
        while self.face is not None and self.next < end:
            first, count = self.next, min(end - self.next, BATCH, self.video.frames_per_message)
            frames = []
            for frame in range(first, first + count):
                frames.append(self.encoded(self.picture(frame, self.face)))
                self.forget(frame + 1)
            yield self.batch(first, count, b"".join(frames))

    def batch(self, first: int, count: int, data: bytes) -> FrameBatch:
        return FrameBatch(first, count, data, self.checkpoint())

    def forget(self, frame: int) -> None:
        """Go on to the next frame."""
        self.next = frame
        gone = min(self.starts(frame) - self.start, len(self.sound))
        self.sound = self.sound[gone:]
        self.start += gone

    def picture(self, frame: int, face: NDArray[np.float64]) -> NDArray[np.float64]:
        """Brightness (height, width), 0 to 255."""
        return face + self.glow(frame) + self.breath(frame)

    def glow(self, frame: int) -> float:
        heard = self.sound[: self.horizon(frame) - self.start]
        return min(MAX_GLOW, GLOW_PER_LOUDNESS * float(np.abs(heard).max(initial=0)))

    def breath(self, frame: int) -> float:
        return float(np.random.default_rng([self.options.seed, frame]).integers(BREATH))

    def encoded(self, picture: NDArray[np.float64]) -> bytes:
        """Grey, full range in RGB and limited range in I420."""
        if self.video.pixel_format is PixelFormat.RGB24:
            return np.repeat(picture.round().astype(np.uint8), 3).tobytes()
        luma = (16 + picture * 219 / 255).round().astype(np.uint8)
        return luma.tobytes() + bytes([128]) * (luma.size // 2)

    def checkpoint(self) -> bytes:
        return json.dumps({"engine": "toy", "format": self.format(), "next": self.next}).encode()

    def format(self) -> list[int]:
        return [self.video.fps, self.rate, self.options.seed]

    def restored(self, checkpoint: bytes) -> int:
        """The next frame."""
        try:
            state = json.loads(checkpoint)
            if (state["engine"], state["format"]) != ("toy", self.format()):
                raise ValueError("another engine, frame rate, sample rate or seed")
            return int(state["next"])
        except (ValueError, TypeError, KeyError) as error:
            raise InvalidArgument(
                Reason.FIELD_INVALID, f"checkpoint does not belong to this animation ({error})", field="checkpoint"
            ) from error


class ToyEngine(Engine):
    """See the module."""

    info: EngineInfo = TOY_INFO
    session: ClassVar[type[ToySession]] = ToySession

    def open(self, portrait: AnalysedPortrait, options: AnimationOptions) -> ToySession:
        """See Engine."""
        self.check(options.video)
        return self.session(portrait, self.effective(portrait, options), options)

    def check(self, video: VideoFormat) -> None:
        for name, side in (("width", video.width), ("height", video.height)):
            if side > MAX_SIDE:
                raise InvalidArgument(Reason.FIELD_OUT_OF_RANGE, f"at most {MAX_SIDE}", field=f"video.{name}")

    def effective(self, portrait: AnalysedPortrait, options: AnimationOptions) -> VideoFormat:
        """The format of the frames."""
        video, info = options.video, portrait.info
        if options.framing is Framing.AUTO:
            return video
        scale = min(video.width / info.width, video.height / info.height)
        width, height = (2 * round(side * scale / 2) for side in (info.width, info.height))
        return VideoFormat(width, height, video.fps, video.pixel_format)
