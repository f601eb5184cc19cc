"""Checks of requests, before any work is done. Each error names the field and the fix."""

import re

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.stages.speech import Recording
from likeness_common.validation.acting import check_acting
from likeness_common.validation.fields import under
from likeness_common.validation.identifiers import check_portrait_id
from likeness_common.validation.portrait import MAX_INLINE_BYTES
from likeness_common.validation.recording import check_recording
from likeness_common.validation.script import check_range, check_script
from likeness_common.validation.video import check_encoding, check_video
from likeness_gateway.model import Consent, ConsentKind, RenderSpec, Tier

_IMAGE = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n|RIFF.{4}WEBP|GIF8", re.DOTALL)
"""How image files begin. A GIF is none of those accepted, but the animator knows better what is wrong with it."""

FINISH_WITHIN_RANGE_S = (1, 24 * 3600)
MAX_REFERENCE_CHARACTERS = 500


def check_spec(spec: RenderSpec) -> None:
    """Refuse a spec outside the ranges of likeness.gateway.v1.RenderSpec: InvalidArgument.

    Whether the voice, its language and the portrait exist is for the services to say.
    """
    with under("spec"):
        if isinstance(spec.speech, Recording):
            check_recording(spec.speech)
        else:
            check_script(spec.speech)
        check_acting(spec.acting)
    check_video(spec.video, "spec.output")
    check_encoding(spec.crf, spec.segment_ms, "spec.output")
    if spec.max_cost_micros is not None and spec.max_cost_micros < 0:
        message = f"spec.max_cost_micros is {spec.max_cost_micros}; give 0 or more, or leave it out for no ceiling"
        raise InvalidArgument(Reason.FIELD_OUT_OF_RANGE, message, field="spec.max_cost_micros")
    if spec.finish_within_ms is not None:
        check_range("spec.finish_within", spec.finish_within_ms / 1000, FINISH_WITHIN_RANGE_S)
    _check_tiers(spec)
    if spec.consent is not None:
        _check_consent(spec.consent)


def check_portrait(spec: RenderSpec, image: bytes) -> None:
    """Refuse a render without a portrait, with a malformed id, or with an inline photo that check_image refuses."""
    if not spec.portrait_id:
        message = "spec.portrait_image is not set; send a photo, or the portrait_id that UploadPortrait returned"
        raise InvalidArgument(Reason.FIELD_MISSING, message, field="spec.portrait_image")
    check_portrait_id(spec.portrait_id, "spec.portrait_id")
    if image:
        check_image(image)
    if isinstance(spec.speech, Recording):
        _check_together(len(spec.speech.file), len(image))


def check_image(image: bytes) -> None:
    """Refuse an inline photo above 3 MiB, and a file that is obviously none; the rest is for the animator to say."""
    if len(image) > MAX_INLINE_BYTES:
        message = (
            f"spec.portrait_image has {len(image)} bytes, the limit is {MAX_INLINE_BYTES}; send it with UploadPortrait "
            "and use its id"
        )
        raise InvalidArgument(Reason.IMAGE_TOO_LARGE, message, field="spec.portrait_image")
    if not _IMAGE.match(image):
        message = "spec.portrait_image is not an image that is accepted; save the photo as JPEG, PNG or WebP"
        raise InvalidArgument(Reason.IMAGE_UNREADABLE, message, field="spec.portrait_image")


def _check_together(recording_bytes: int, image_bytes: int) -> None:
    """Refuse what would leave a message no room for anything else."""
    together = recording_bytes + image_bytes
    if image_bytes and recording_bytes <= MAX_INLINE_BYTES < together:
        message = (
            f"spec.portrait_image and spec.recording.file have {together} bytes together, the limit "
            f"is {MAX_INLINE_BYTES}; send the photo with UploadPortrait and use its id"
        )
        raise InvalidArgument(Reason.IMAGE_TOO_LARGE, message, field="spec.portrait_image")


def _check_tiers(spec: RenderSpec) -> None:
    if spec.tier is not Tier.AUTO and spec.min_tier > spec.tier:
        message = f"spec.min_tier {spec.min_tier.name} is above spec.tier {spec.tier.name}; lower it or leave it out"
        raise InvalidArgument(Reason.FIELD_INVALID, message, field="spec.min_tier")


def _check_consent(consent: Consent) -> None:
    size = len(consent.reference)
    if size > MAX_REFERENCE_CHARACTERS:
        message = f"spec.consent.reference has {size} characters, the limit is {MAX_REFERENCE_CHARACTERS}; shorten it"
        raise InvalidArgument(Reason.FIELD_OUT_OF_RANGE, message, field="spec.consent.reference")
    if consent.kind is ConsentKind.AUTHORISED and not consent.reference.strip():
        message = "spec.consent.reference is empty; say where the agreement of the person shown is recorded"
        raise InvalidArgument(Reason.CONSENT_MISSING, message, field="spec.consent.reference")
