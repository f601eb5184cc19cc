"""Audio, marks, frames and portraits to and from likeness.media.v1."""

from likeness.media.v1 import audio_pb2, portrait_pb2, timing_pb2, video_pb2
from likeness_common.convert.enums import inverse, read_member
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import (
    AudioChunk,
    AudioFormat,
    Box,
    Container,
    FrameBatch,
    Framing,
    Mark,
    MarkKind,
    PixelFormat,
    Portrait,
    VideoFormat,
)

_MARK_KINDS = {
    MarkKind.SENTENCE: timing_pb2.MARK_KIND_SENTENCE,
    MarkKind.WORD: timing_pb2.MARK_KIND_WORD,
    MarkKind.PHONEME: timing_pb2.MARK_KIND_PHONEME,
}
_PIXEL_FORMATS = {
    PixelFormat.I420: video_pb2.PIXEL_FORMAT_I420,
    PixelFormat.RGB24: video_pb2.PIXEL_FORMAT_RGB24,
}
_FRAMINGS = {
    Framing.AUTO: portrait_pb2.FRAMING_MODE_AUTO,
    Framing.FULL: portrait_pb2.FRAMING_MODE_FULL,
}
_CONTAINERS = {
    Container.FRAGMENTED_MP4: video_pb2.CONTAINER_FRAGMENTED_MP4,
    Container.FASTSTART_MP4: video_pb2.CONTAINER_FASTSTART_MP4,
    Container.WEBM: video_pb2.CONTAINER_WEBM,
}
_MARK_KINDS_READ = inverse(_MARK_KINDS)
_PIXEL_FORMATS_READ = inverse(_PIXEL_FORMATS, unset=PixelFormat.I420)
_FRAMINGS_READ = inverse(_FRAMINGS, unset=Framing.AUTO)
_CONTAINERS_READ = inverse(_CONTAINERS, unset=Container.FRAGMENTED_MP4)
DEFAULT_SIDE = 512
DEFAULT_FPS = 25


def audio_format_from(message: audio_pb2.AudioFormat, default_rate_hz: int) -> AudioFormat:
    """Read a format; a rate of 0 means the default. Raises InvalidArgument for anything but mono."""
    if message.channels not in (0, 1):
        raise InvalidArgument(
            Reason.FIELD_OUT_OF_RANGE, f"audio.channels is {message.channels}; send mono (1)", field="audio.channels"
        )
    return AudioFormat(message.sample_rate_hz or default_rate_hz)


def audio_format_to(audio: AudioFormat) -> audio_pb2.AudioFormat:
    """Write a format."""
    return audio_pb2.AudioFormat(sample_rate_hz=audio.sample_rate_hz, channels=1)


def audio_chunk_from(message: audio_pb2.AudioChunk) -> AudioChunk:
    """Read a chunk. Raises InvalidArgument when it holds half a sample."""
    if len(message.pcm) % 2:
        raise InvalidArgument(
            Reason.FIELD_INVALID, "audio.pcm has an odd number of bytes; samples are 16-bit", field="audio.pcm"
        )
    return AudioChunk(message.sequence, message.start_sample, message.pcm)


def audio_chunk_to(chunk: AudioChunk) -> audio_pb2.AudioChunk:
    """Write a chunk."""
    return audio_pb2.AudioChunk(sequence=chunk.sequence, start_sample=chunk.start_sample, pcm=chunk.pcm)


def mark_from(message: timing_pb2.Mark) -> Mark:
    """Read a mark. Raises InvalidArgument when its kind is not set."""
    kind = _MARK_KINDS_READ.get(message.kind)
    if kind is None:
        raise InvalidArgument(
            Reason.FIELD_MISSING, "mark.kind is not set; send SENTENCE, WORD or PHONEME", field="mark.kind"
        )
    return Mark(kind, message.start_sample, message.end_sample, message.text_start, message.text_end, message.value)


def mark_to(mark: Mark) -> timing_pb2.Mark:
    """Write a mark."""
    return timing_pb2.Mark(
        kind=_MARK_KINDS[mark.kind],
        start_sample=mark.start_sample,
        end_sample=mark.end_sample,
        text_start=mark.text_start,
        text_end=mark.text_end,
        value=mark.value,
    )


def video_format_from(message: video_pb2.VideoFormat) -> VideoFormat:
    """Read a format; zeros mean 512x512 at 25 fps in I420. Raises InvalidArgument for pixels outside the enum."""
    return VideoFormat(
        message.width or DEFAULT_SIDE,
        message.height or DEFAULT_SIDE,
        message.fps or DEFAULT_FPS,
        read_member(_PIXEL_FORMATS_READ, message.pixel_format, "video.pixel_format"),
    )


def video_format_to(video: VideoFormat) -> video_pb2.VideoFormat:
    """Write a format."""
    return video_pb2.VideoFormat(
        width=video.width, height=video.height, fps=video.fps, pixel_format=_PIXEL_FORMATS[video.pixel_format]
    )


def frame_batch_from(message: video_pb2.FrameBatch) -> FrameBatch:
    """Read frames."""
    return FrameBatch(message.first_frame, message.count, message.data, message.checkpoint)


def frame_batch_to(batch: FrameBatch) -> video_pb2.FrameBatch:
    """Write frames."""
    return video_pb2.FrameBatch(
        first_frame=batch.first_frame, count=batch.count, data=batch.data, checkpoint=batch.checkpoint
    )


def framing_from(number: int) -> Framing:
    """Read a framing mode; unset means AUTO. Raises InvalidArgument for a number outside the enum."""
    return read_member(_FRAMINGS_READ, number, "framing")


def framing_to(framing: Framing) -> portrait_pb2.FramingMode.ValueType:
    """Write a framing mode."""
    return _FRAMINGS[framing]


def container_from(number: int) -> Container:
    """Read a container; unset means fragmented MP4. Raises InvalidArgument for a number outside the enum."""
    return read_member(_CONTAINERS_READ, number, "container")


def container_to(container: Container) -> video_pb2.Container.ValueType:
    """Write a container."""
    return _CONTAINERS[container]


def portrait_from(message: portrait_pb2.Portrait) -> Portrait:
    """Read an analysed portrait."""
    face = message.face
    return Portrait(
        message.id,
        message.width,
        message.height,
        Box(face.x, face.y, face.width, face.height),
        message.yaw_degrees,
        tuple(message.notices),
    )


def portrait_to(portrait: Portrait) -> portrait_pb2.Portrait:
    """Write an analysed portrait."""
    face = portrait.face
    return portrait_pb2.Portrait(
        id=portrait.id,
        width=portrait.width,
        height=portrait.height,
        face=portrait_pb2.Box(x=face.x, y=face.y, width=face.width, height=face.height),
        yaw_degrees=portrait.yaw_degrees,
        notices=portrait.notices,
    )
