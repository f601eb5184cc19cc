"""Requests."""

import hashlib

from likeness.gateway.v1 import render_pb2
from likeness_common.convert.acting import acting_from
from likeness_common.convert.composition import DEFAULT_CRF, DEFAULT_SEGMENT_MS
from likeness_common.convert.enums import inverse, read_member
from likeness_common.convert.media import DEFAULT_FPS, DEFAULT_SIDE, container_from, framing_from
from likeness_common.convert.renders import consent_from, on_disconnect_from
from likeness_common.convert.speech import recording_from, script_from
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import VideoFormat, portrait_id
from likeness_common.renders import OnDisconnect
from likeness_common.stages.speech import Recording, Script
from likeness_common.validation.fields import under
from likeness_gateway.convert.render import TIERS
from likeness_gateway.model import RenderSpec, Tier

_TIERS = inverse(TIERS, unset=Tier.AUTO)


def spec_from(message: render_pb2.RenderSpec) -> RenderSpec:
    """Read a spec and fill its defaults in. Raises InvalidArgument for what has no meaning; see validation."""
    output = message.output
    with under("spec.output"):
        framing, container = framing_from(output.framing), container_from(output.container)
    with under("spec"):
        acting, consent = acting_from(message.acting), consent_from(message.consent)
        tier = read_member(_TIERS, message.tier, "tier")
        min_tier = max(Tier.DRAFT, read_member(_TIERS, message.min_tier, "min_tier"))
    image = message.portrait_image
    return RenderSpec(
        speech=_speech(message),
        portrait_id=portrait_id(image) if image else message.portrait_id,
        video=VideoFormat(output.width or DEFAULT_SIDE, output.height or DEFAULT_SIDE, output.fps or DEFAULT_FPS),
        framing=framing,
        container=container,
        crf=output.crf or DEFAULT_CRF,
        segment_ms=output.segment_ms or DEFAULT_SEGMENT_MS,
        tier=tier,
        min_tier=min_tier,
        max_cost_micros=message.max_cost_micros if message.HasField("max_cost_micros") else None,
        finish_within_ms=_finish_within_ms(message),
        commercial_use=message.commercial_use,
        seed=message.seed,
        consent=consent,
        acting=acting,
    )


def body_sha256(message: render_pb2.RenderSpec, portrait_id: str) -> str:
    """Hash of a spec that tells repeated requests apart; a photo and its id count as the same."""
    body = render_pb2.RenderSpec()
    body.CopyFrom(message)
    body.portrait_id = portrait_id
    return hashlib.sha256(body.SerializeToString(deterministic=True)).hexdigest()


def detached_from(number: int) -> bool:
    """Whether a render goes on without its caller."""
    return on_disconnect_from(number) is OnDisconnect.CONTINUE


def _speech(message: render_pb2.RenderSpec) -> Script | Recording:
    match message.WhichOneof("speech"):
        case "script":
            return script_from(message.script)
        case "recording":
            return recording_from(message.recording)
    what = "spec.script is not set; say what is to be spoken, or send a recording of it"
    raise InvalidArgument(Reason.FIELD_MISSING, what, field="spec.script")


def _finish_within_ms(message: render_pb2.RenderSpec) -> int | None:
    if not message.HasField("finish_within"):
        return None
    return message.finish_within.seconds * 1000 + message.finish_within.nanos // 1_000_000
