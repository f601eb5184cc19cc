"""Engines and animation options to and from likeness.animator.v1."""

from likeness.animator.v1 import animator_service_pb2, engine_pb2
from likeness_common.convert.acting import acting_from, acting_to
from likeness_common.convert.media import (
    audio_format_from,
    audio_format_to,
    framing_from,
    framing_to,
    video_format_from,
    video_format_to,
)
from likeness_common.media import RENDER_SAMPLE_RATE_HZ
from likeness_common.stages.animator import AnimationOptions, EngineInfo

DEFAULT_ENGINE = "mesh"


def options_from(message: animator_service_pb2.AnimationHeader) -> AnimationOptions:
    """Read a header and fill its defaults in."""
    return AnimationOptions(
        video=video_format_from(message.video),
        engine=message.engine or DEFAULT_ENGINE,
        framing=framing_from(message.framing),
        audio=audio_format_from(message.audio, RENDER_SAMPLE_RATE_HZ),
        acting=acting_from(message.acting),
        seed=message.seed,
        checkpoint=message.checkpoint,
    )


def options_to(portrait_id: str, options: AnimationOptions) -> animator_service_pb2.AnimationHeader:
    """Write a header."""
    return animator_service_pb2.AnimationHeader(
        portrait_id=portrait_id,
        engine=options.engine,
        video=video_format_to(options.video),
        audio=audio_format_to(options.audio),
        framing=framing_to(options.framing),
        acting=acting_to(options.acting),
        seed=options.seed,
        checkpoint=options.checkpoint,
    )


def engine_from(message: engine_pb2.Engine) -> EngineInfo:
    """Read an engine."""
    return EngineInfo(
        name=message.name,
        description=message.description,
        streaming=message.streaming,
        needs_marks=message.needs_marks,
        max_side=message.max_side,
        memory_mib=message.memory_mib,
        expected_rtf=message.expected_rtf,
        lookahead_ms=message.lookahead_ms,
        runners=tuple(message.runners),
        weights=tuple(message.weights),
        code_licence=message.code_licence,
        weight_licences=tuple(message.weight_licences),
        unavailable_reason=message.unavailable_reason,
        commercial_restriction=message.commercial_restriction,
        fixed_size=message.fixed_size,
    )


def engine_to(engine: EngineInfo) -> engine_pb2.Engine:
    """Write an engine."""
    return engine_pb2.Engine(
        name=engine.name,
        description=engine.description,
        available=engine.available,
        unavailable_reason=engine.unavailable_reason,
        streaming=engine.streaming,
        needs_marks=engine.needs_marks,
        max_side=engine.max_side,
        memory_mib=engine.memory_mib,
        expected_rtf=engine.expected_rtf,
        lookahead_ms=engine.lookahead_ms,
        runners=engine.runners,
        weights=engine.weights,
        code_licence=engine.code_licence,
        weight_licences=engine.weight_licences,
        commercial_restriction=engine.commercial_restriction,
        fixed_size=engine.fixed_size,
    )
