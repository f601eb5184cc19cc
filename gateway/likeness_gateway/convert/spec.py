"""Requests."""

import hashlib
from collections.abc import Mapping
from typing import TypeVar

from likeness.gateway.v1 import render_pb2
from likeness_common.convert.acting import acting_from
from likeness_common.convert.composition import DEFAULT_CRF, DEFAULT_SEGMENT_MS
from likeness_common.convert.enums import inverse
from likeness_common.convert.media import DEFAULT_FPS, DEFAULT_SIDE, container_from, framing_from
from likeness_common.convert.speech import recording_from, script_from
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import VideoFormat, portrait_id
from likeness_common.stages.speech import Recording, Script
from likeness_common.validation.fields import under
from likeness_gateway.convert.render import TIERS
from likeness_gateway.model import Consent, ConsentKind, RenderSpec, Tier

T = TypeVar("T")

_TIERS = inverse(TIERS, unset=Tier.AUTO)
_CONSENT_KINDS: Mapping[int, ConsentKind] = {
    render_pb2.CONSENT_KIND_SELF: ConsentKind.SELF,
    render_pb2.CONSENT_KIND_AUTHORISED: ConsentKind.AUTHORISED,
}
_DETACHED: Mapping[int, bool] = {
    render_pb2.ON_DISCONNECT_UNSPECIFIED: False,
    render_pb2.ON_DISCONNECT_CANCEL: False,
    render_pb2.ON_DISCONNECT_CONTINUE: True,
}


def spec_from(message: render_pb2.RenderSpec) -> RenderSpec:
    """Read a spec and fill its defaults in. Raises InvalidArgument for what has no meaning; see validation."""
    output = message.output
    with under("spec.output"):
        framing, container = framing_from(output.framing), container_from(output.container)
    with under("spec"):
        acting = acting_from(message.acting)
    image = message.portrait_image
    return RenderSpec(
        speech=_speech(message),
        portrait_id=portrait_id(image) if image else message.portrait_id,
        video=VideoFormat(output.width or DEFAULT_SIDE, output.height or DEFAULT_SIDE, output.fps or DEFAULT_FPS),
        framing=framing,
        container=container,
        crf=output.crf or DEFAULT_CRF,
        segment_ms=output.segment_ms or DEFAULT_SEGMENT_MS,
        tier=_enum(_TIERS, message.tier, "spec.tier"),
        min_tier=max(Tier.DRAFT, _enum(_TIERS, message.min_tier, "spec.min_tier")),
        max_cost_micros=message.max_cost_micros if message.HasField("max_cost_micros") else None,
        finish_within_ms=_finish_within_ms(message),
        commercial_use=message.commercial_use,
        seed=message.seed,
        consent=_consent(message),
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
    return _enum(_DETACHED, number, "on_disconnect")


def _speech(message: render_pb2.RenderSpec) -> Script | Recording:
    match message.WhichOneof("speech"):
        case "script":
            return script_from(message.script)
        case "recording":
            return recording_from(message.recording)
    what = "spec.script is not set; say what is to be spoken, or send a recording of it"
    raise InvalidArgument(Reason.FIELD_MISSING, what, field="spec.script")


def _enum(values: Mapping[int, T], number: int, field: str) -> T:
    if number not in values:
        message = f"{field} {number} is not known; this server knows {min(values)} to {max(values)}"
        raise InvalidArgument(Reason.FIELD_INVALID, message, field=field)
    return values[number]


def _finish_within_ms(message: render_pb2.RenderSpec) -> int | None:
    if not message.HasField("finish_within"):
        return None
    return message.finish_within.seconds * 1000 + message.finish_within.nanos // 1_000_000


def _consent(message: render_pb2.RenderSpec) -> Consent | None:
    consent = message.consent
    if not message.HasField("consent") or consent.kind == render_pb2.CONSENT_KIND_UNSPECIFIED:
        return None
    return Consent(_enum(_CONSENT_KINDS, consent.kind, "spec.consent.kind"), consent.reference)
