"""Render specifications to likeness.gateway.v1."""

import math
from collections.abc import Iterator

from google.protobuf import duration_pb2

from likeness.gateway.v1 import render_pb2 as pb
from likeness_client.model import Output, RenderSpec, Tier
from likeness_common.convert.acting import acting_to
from likeness_common.convert.media import container_to, framing_to
from likeness_common.convert.renders import consent_to
from likeness_common.convert.speech import recording_to, script_to
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.stages.speech import Recording, Script
from likeness_common.validation.recording import check_recording

TIERS = {
    Tier.AUTO: pb.TIER_AUTO,
    Tier.DRAFT: pb.TIER_DRAFT,
    Tier.STANDARD: pb.TIER_STANDARD,
    Tier.HIGH: pb.TIER_HIGH,
    Tier.PREMIUM: pb.TIER_PREMIUM,
}
_UINT32, _UINT64, _INT64 = 2**32 - 1, 2**64 - 1, 2**63 - 1
_MOST_SECONDS = 315_576_000_000
"""Ten thousand years, as google.protobuf.Duration documents."""


def spec_to(spec: RenderSpec) -> pb.RenderSpec:
    """Write a specification. Raises InvalidArgument for a number or a recording that its field cannot carry."""
    if isinstance(spec.speech, Recording):
        check_recording(spec.speech, "spec.recording.file")
    for field, value, most in _whole_numbers(spec):
        if not 0 <= value <= most:
            message = f"{field} is {value}, which is far out of range; choose another number"
            raise InvalidArgument(Reason.FIELD_OUT_OF_RANGE, message, field=field)
    return _spec_to(spec)


def _whole_numbers(spec: RenderSpec) -> Iterator[tuple[str, int, int]]:
    """Fields, their values, and the most that they carry. What makes sense in them is for the gateway to say."""
    if isinstance(spec.speech, Script):
        yield "spec.script.sentence_pause_ms", spec.speech.sentence_pause_ms, _UINT32
    for name in ("width", "height", "fps", "crf", "segment_ms"):
        yield f"spec.output.{name}", getattr(spec.output, name), _UINT32
    yield "spec.seed", spec.seed, _UINT64
    yield "spec.max_cost_micros", spec.max_cost_micros or 0, _INT64
    yield "spec.finish_within", math.floor(spec.finish_within_s or 0), _MOST_SECONDS


def _spec_to(spec: RenderSpec) -> pb.RenderSpec:
    message = pb.RenderSpec(
        output=_output_to(spec.output),
        tier=TIERS[spec.tier],
        commercial_use=spec.commercial_use,
        seed=spec.seed,
        acting=acting_to(spec.acting),
    )
    if isinstance(spec.speech, Recording):
        message.recording.CopyFrom(recording_to(spec.speech))
    else:
        message.script.CopyFrom(script_to(spec.speech))
    if spec.portrait_id:
        message.portrait_id = spec.portrait_id
    elif spec.portrait_image:
        message.portrait_image = spec.portrait_image
    if spec.min_tier is not None:
        message.min_tier = TIERS[spec.min_tier]
    if spec.max_cost_micros is not None:
        message.max_cost_micros = spec.max_cost_micros
    if spec.finish_within_s is not None:
        message.finish_within.CopyFrom(_duration_to(spec.finish_within_s))
    if spec.consent is not None:
        message.consent.CopyFrom(consent_to(spec.consent))
    return message


def _output_to(output: Output) -> pb.Output:
    return pb.Output(
        container=container_to(output.container),
        width=output.width,
        height=output.height,
        fps=output.fps,
        framing=framing_to(output.framing),
        crf=output.crf,
        segment_ms=output.segment_ms,
    )


def _duration_to(seconds: float) -> duration_pb2.Duration:
    whole = math.floor(seconds)
    return duration_pb2.Duration(seconds=whole, nanos=int((seconds - whole) * 1e9))
