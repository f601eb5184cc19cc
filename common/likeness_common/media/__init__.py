"""Plain data types for audio, timing, frames, segments and portraits. No protobuf here."""

from likeness_common.media.acting import Acting, Expression
from likeness_common.media.audio import RENDER_SAMPLE_RATE_HZ, AudioChunk, AudioFormat
from likeness_common.media.portrait import Box, Framing, Portrait, portrait_id
from likeness_common.media.timing import Mark, MarkKind
from likeness_common.media.video import (
    MAX_FRAME_PIXELS,
    MAX_MESSAGE_BYTES,
    Container,
    FrameBatch,
    PixelFormat,
    Segment,
    SegmentKind,
    VideoFormat,
)

__all__ = [
    "MAX_FRAME_PIXELS",
    "MAX_MESSAGE_BYTES",
    "RENDER_SAMPLE_RATE_HZ",
    "Acting",
    "AudioChunk",
    "AudioFormat",
    "Box",
    "Container",
    "Expression",
    "FrameBatch",
    "Framing",
    "Mark",
    "MarkKind",
    "PixelFormat",
    "Portrait",
    "Segment",
    "SegmentKind",
    "VideoFormat",
    "portrait_id",
]
