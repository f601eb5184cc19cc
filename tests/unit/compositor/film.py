"""Synthetic films to encode, and what a decoder makes of the result."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import av
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from likeness_common.media import AudioChunk, FrameBatch, PixelFormat, Segment, VideoFormat
from likeness_common.stages.compositor import CompositionSession, Compositor, OutputSpec

_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT

RATE_HZ = 24_000
SMALL = VideoFormat(96, 64)
FLASHES = (13, 50, 86)
FILM_FRAMES = 87


def picture(video: VideoFormat, index: int) -> NDArray[np.uint8]:
    """A smooth RGB picture, height x width x 3, with a bar that moves along with the index."""
    y, x = np.mgrid[: video.height, : video.width]
    rgb = np.stack([40 + 160 * x / video.width, 60 + 120 * y / video.height, np.full_like(x, 110)], axis=-1)
    left = index * 3 % (video.width - 16)
    rgb[video.height // 2 : video.height // 2 + 16, left : left + 16] = 200, 180, 60
    return rgb.astype(np.uint8)


def raw(video: VideoFormat, rgb: NDArray[np.uint8]) -> bytes:
    """The picture in the layout of `video`. I420 is computed here from the definition of BT.601 limited range."""
    if video.pixel_format is PixelFormat.RGB24:
        return rgb.tobytes()
    r, g, b = (rgb[..., channel].astype(np.float64) for channel in range(3))
    luma = 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255
    blue = 128 + (-37.797 * r - 74.203 * g + 112.0 * b) / 255
    red = 128 + (112.0 * r - 93.786 * g - 18.214 * b) / 255
    shape = (video.height // 2, 2, video.width // 2, 2)
    planes = (luma, blue.reshape(shape).mean((1, 3)), red.reshape(shape).mean((1, 3)))
    return b"".join(np.rint(plane).astype(np.uint8).tobytes() for plane in planes)


def frames(video: VideoFormat, count: int) -> list[bytes]:
    """`count` raw frames."""
    return [raw(video, picture(video, index)) for index in range(count)]


def tone(video: VideoFormat, count: int, rate_hz: int = RATE_HZ) -> bytes:
    """PCM as long as `count` frames."""
    samples = np.arange(video.frame_start_sample(count, rate_hz))
    return (6000 * np.sin(2 * np.pi * 300 * samples / rate_hz)).astype("<i2").tobytes()


def flashes_and_clicks(video: VideoFormat, rate_hz: int = RATE_HZ) -> tuple[list[bytes], bytes]:
    """A film that turns white for one frame, three times, and clicks when it does."""
    film = frames(video, FILM_FRAMES)
    pcm = np.zeros(video.frame_start_sample(FILM_FRAMES, rate_hz), "<i2")
    for index in FLASHES:
        film[index] = raw(video, np.full((video.height, video.width, 3), 255, np.uint8))
        start = video.frame_start_sample(index, rate_hz)
        pcm[start : start + rate_hz // 500] = 20_000
    return film, pcm.tobytes()


async def compose(
    compositor: Compositor, spec: OutputSpec, film: Sequence[bytes], pcm: bytes, *, batch: int = 8, chunk: int = 2400
) -> list[Segment]:
    """Encode a film, `batch` frames and `chunk` samples at a time, sound before the pictures it belongs to."""
    async with compositor.open(spec) as session, asyncio.TaskGroup() as tasks:
        tasks.create_task(push(session, spec, film, pcm, batch=batch, chunk=chunk))
        return [segment async for segment in session.segments()]
    raise AssertionError("unreachable")


async def push(
    session: CompositionSession, spec: OutputSpec, film: Sequence[bytes], pcm: bytes, *, batch: int, chunk: int
) -> None:
    """Push a whole film and finish."""
    audio = list(chunks(pcm, chunk))
    for pictures in batches(film, batch):
        needed = spec.video.frame_start_sample(pictures.end_frame, spec.audio.sample_rate_hz)
        while audio and audio[0].start_sample < needed:
            await session.push_audio(audio.pop(0))
        await session.push_frames(pictures)
    for rest in audio:
        await session.push_audio(rest)
    await session.finish()


def batches(film: Sequence[bytes], size: int) -> Iterator[FrameBatch]:
    """A film in batches of `size` frames, the last one smaller."""
    for start in range(0, len(film), size):
        part = film[start : start + size]
        yield FrameBatch(start, len(part), b"".join(part))


def chunks(pcm: bytes, samples: int) -> Iterator[AudioChunk]:
    """PCM in chunks of `samples`, the last one smaller."""
    for sequence, start in enumerate(range(0, len(pcm), 2 * samples)):
        yield AudioChunk(sequence, start // 2, pcm[start : start + 2 * samples])


def joined(segments: Iterable[Segment]) -> bytes:
    """The data of all segments."""
    return b"".join(segment.data for segment in segments)


@dataclass
class Track:
    """A decoded stream; times in seconds, `end` from the packets."""

    codec: str = ""
    profile: str = ""
    times: list[float] = field(default_factory=list)
    keyframes: list[int] = field(default_factory=list)
    duration: float = 0.0
    end: float = 0.0


@dataclass
class Decoded:
    """A decoded file. `sound` begins at `sound_start` samples of `sound_rate_hz`; pictures are as decoded."""

    video: Track
    audio: Track
    pictures: list[av.VideoFrame]
    sound: NDArray[np.float32]
    sound_start: int
    sound_rate_hz: int

    def heard(self, seconds: float) -> int:
        """Index into `sound` of a time."""
        return round(seconds * self.sound_rate_hz) - self.sound_start


def decode(data: bytes) -> Decoded:
    """Decode every packet; damaged data raises."""
    video, audio = Track(), Track()
    pictures: list[av.VideoFrame] = []
    sound: list[av.AudioFrame] = []
    with av.open(io.BytesIO(data), "r") as container:
        tracks = {"video": video, "audio": audio}
        for stream in container.streams:
            track = tracks[stream.type]
            track.codec, track.profile = stream.codec_context.name, str(stream.codec_context.profile)
            track.duration = float((stream.duration or 0) * (stream.time_base or 0))
        for packet in container.demux():
            track = tracks[packet.stream.type]
            if packet.pts is not None:
                if packet.is_keyframe:
                    track.keyframes.append(len(track.times))
                track.times.append(float(packet.pts * packet.time_base))
                track.end = max(track.end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    pictures.append(frame)
                elif isinstance(frame, av.AudioFrame):
                    sound.append(frame)
    samples = np.concatenate([frame.to_ndarray()[0] for frame in sound]).astype(np.float32)
    start = round(float((sound[0].pts or 0) * (sound[0].time_base or 0)) * sound[0].sample_rate)
    return Decoded(video, audio, pictures, samples, start, sound[0].sample_rate)


def rgb(shown: av.VideoFrame) -> NDArray[np.int64]:
    """A decoded picture as RGB, height x width x 3, without the rounding errors of a fast conversion."""
    return shown.reformat(format="rgb24", interpolation=_EXACT).to_ndarray().astype(np.int64)


def offsets_ms(film: Decoded, video: VideoFormat) -> list[float]:
    """How much later than its flash each click is, in milliseconds."""
    bright = [float(frame.to_ndarray()[: video.height].mean()) for frame in film.pictures]
    assert [index for index, value in enumerate(bright) if value > 220] == list(FLASHES)
    result = []
    for index in FLASHES:
        flash = float(film.pictures[index].time or 0)
        near = np.abs(film.sound[max(0, film.heard(flash - 0.1)) : film.heard(flash + 0.1)])
        click = film.heard(flash - 0.1) + int(np.argmax(near > 0.3))
        result.append((click + film.sound_start) / film.sound_rate_hz * 1000 - flash * 1000)
    return result


async def first(segments: AsyncIterator[Segment], count: int) -> list[Segment]:
    """The next `count` segments; a test that waits for them in vain ends by its time limit."""
    return [await anext(segments) for _ in range(count)]


async def drain(session: CompositionSession) -> None:
    """Read all segments."""
    async for _ in session.segments():
        pass
