"""Output specifications to and from likeness.compositor.v1."""

from likeness.compositor.v1 import compositor_service_pb2
from likeness_common.convert.media import (
    audio_format_from,
    audio_format_to,
    container_from,
    container_to,
    video_format_from,
    video_format_to,
)
from likeness_common.media import RENDER_SAMPLE_RATE_HZ
from likeness_common.stages.compositor import OutputSpec

DEFAULT_CRF = 23
DEFAULT_SEGMENT_MS = 1000


def output_spec_from(message: compositor_service_pb2.CompositionHeader) -> OutputSpec:
    """Read a header and fill its defaults in."""
    return OutputSpec(
        video=video_format_from(message.video),
        audio=audio_format_from(message.audio, RENDER_SAMPLE_RATE_HZ),
        container=container_from(message.container),
        crf=message.crf or DEFAULT_CRF,
        segment_ms=message.segment_ms or DEFAULT_SEGMENT_MS,
    )


def output_spec_to(spec: OutputSpec) -> compositor_service_pb2.CompositionHeader:
    """Write a header."""
    return compositor_service_pb2.CompositionHeader(
        video=video_format_to(spec.video),
        audio=audio_format_to(spec.audio),
        container=container_to(spec.container),
        crf=spec.crf,
        segment_ms=spec.segment_ms,
    )
