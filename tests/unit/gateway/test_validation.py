"""Requests are refused with the right reason, the field and the fix, and never with anything else."""

from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from hypothesis import given, settings
from hypothesis import strategies as st

from likeness.gateway.v1 import render_pb2, render_service_pb2
from likeness.media.v1 import acting_pb2
from likeness.tts.v1 import voice_pb2
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import Acting, Container, Expression, Framing
from likeness_common.stages.speech import Script
from likeness_gateway.convert.spec import spec_from
from likeness_gateway.model import Consent, ConsentKind, RenderSpec, Tier
from likeness_gateway.validation import check_portrait, check_spec
from tests.unit.gateway.conftest import Served, Stand
from tests.unit.gateway.requests import IMAGE, read, spec
from tests.watched import error_info, field_of

pytestmark = pytest.mark.unit

INLINE_LIMIT = 3 * 1024 * 1024


def validate(message: render_pb2.RenderSpec) -> RenderSpec:
    """What the servicer does with every request."""
    read_spec = spec_from(message)
    check_portrait(read_spec, message.portrait_image)
    check_spec(read_spec)
    return read_spec


def refused(message: render_pb2.RenderSpec) -> InvalidArgument:
    with pytest.raises(InvalidArgument) as caught:
        validate(message)
    return caught.value


def test_defaults_are_filled_in() -> None:
    message = render_pb2.RenderSpec(script=voice_pb2.Script(text="Hello."), portrait_image=IMAGE)
    found = validate(message)
    assert (found.video.width, found.video.height, found.video.fps) == (512, 512, 25)
    assert (found.crf, found.segment_ms) == (23, 1000)
    assert (found.container, found.framing) == (Container.FRAGMENTED_MP4, Framing.AUTO)
    assert (found.tier, found.min_tier) == (Tier.AUTO, Tier.DRAFT)
    assert found.max_cost_micros is None
    assert found.finish_within_ms is None
    assert found.consent is None
    assert isinstance(found.speech, Script)
    assert found.speech.voice == "espeak"
    assert found.acting == Acting(Expression.NEUTRAL, 1.0, False)


def test_what_is_set_is_taken() -> None:
    found = validate(
        spec(
            **output(width=640, height=360, fps=30, crf=18, segment_ms=500, container=3, framing=2),
            tier=render_pb2.TIER_HIGH,
            min_tier=render_pb2.TIER_STANDARD,
            max_cost_micros=0,
            finish_within=Duration(seconds=2, nanos=500_000_000),
            commercial_use=True,
            seed=2**64 - 1,
            consent=render_pb2.Consent(kind=render_pb2.CONSENT_KIND_AUTHORISED, reference="contract 7"),
            **acted(expression=acting_pb2.EXPRESSION_SERIOUS, intensity=0, eye_contact=True),
        )
    )
    assert (found.video.width, found.video.height, found.video.fps) == (640, 360, 30)
    assert (found.crf, found.segment_ms) == (18, 500)
    assert (found.container, found.framing) == (Container.WEBM, Framing.FULL)
    assert (found.tier, found.min_tier) == (Tier.HIGH, Tier.STANDARD)
    assert (found.max_cost_micros, found.finish_within_ms) == (0, 2500)
    assert found.commercial_use
    assert found.seed == 2**64 - 1
    assert found.consent == Consent(ConsentKind.AUTHORISED, "contract 7")
    assert found.acting == Acting(Expression.SERIOUS, 0.0, True)


def consent(kind: Any, reference: str = "") -> render_pb2.Consent:
    return render_pb2.Consent(kind=kind, reference=reference)


def output(**facts: Any) -> dict[str, Any]:
    return {"output": render_pb2.Output(**facts)}


def said(**facts: Any) -> dict[str, Any]:
    return {"script": voice_pb2.Script(**{"text": "Hello.", **facts})}


def recorded(file: bytes) -> dict[str, Any]:
    return {"script": None, "recording": voice_pb2.Recording(file=file)}


def acted(**facts: Any) -> dict[str, Any]:
    return {"acting": acting_pb2.Acting(**facts)}


BAD: list[tuple[dict[str, Any], str, Reason]] = [
    (output(width=62), "spec.output.width", Reason.FIELD_OUT_OF_RANGE),
    (output(width=1922), "spec.output.width", Reason.FIELD_OUT_OF_RANGE),
    (output(width=101), "spec.output.width", Reason.FIELD_INVALID),
    (output(height=63), "spec.output.height", Reason.FIELD_OUT_OF_RANGE),
    (output(height=513), "spec.output.height", Reason.FIELD_INVALID),
    (output(width=1920, height=1090), "spec.output.width", Reason.FIELD_OUT_OF_RANGE),
    (output(fps=9), "spec.output.fps", Reason.FIELD_OUT_OF_RANGE),
    (output(fps=61), "spec.output.fps", Reason.FIELD_OUT_OF_RANGE),
    (output(crf=9), "spec.output.crf", Reason.FIELD_OUT_OF_RANGE),
    (output(crf=41), "spec.output.crf", Reason.FIELD_OUT_OF_RANGE),
    (output(segment_ms=199), "spec.output.segment_ms", Reason.FIELD_OUT_OF_RANGE),
    (output(segment_ms=10_001), "spec.output.segment_ms", Reason.FIELD_OUT_OF_RANGE),
    (output(container=9), "spec.output.container", Reason.FIELD_INVALID),
    (output(framing=9), "spec.output.framing", Reason.FIELD_INVALID),
    (said(text=""), "spec.script.text", Reason.SCRIPT_EMPTY),
    (said(text=" \n "), "spec.script.text", Reason.SCRIPT_EMPTY),
    (said(text="a" * 20_001), "spec.script.text", Reason.SCRIPT_TOO_LONG),
    (said(text="ding\x07"), "spec.script.text", Reason.SCRIPT_INVALID_CHARACTER),
    (said(text="\U0001f600"), "spec.script.text", Reason.SCRIPT_NOT_SPEAKABLE),
    (said(rate=0.4), "spec.script.rate", Reason.FIELD_OUT_OF_RANGE),
    (said(rate=float("nan")), "spec.script.rate", Reason.FIELD_OUT_OF_RANGE),
    (said(pitch_semitones=13), "spec.script.pitch_semitones", Reason.FIELD_OUT_OF_RANGE),
    (said(sentence_pause_ms=5001), "spec.script.sentence_pause_ms", Reason.FIELD_OUT_OF_RANGE),
    ({"portrait_image": b"x" * (INLINE_LIMIT + 1)}, "spec.portrait_image", Reason.IMAGE_TOO_LARGE),
    ({"portrait_image": b""}, "spec.portrait_image", Reason.FIELD_MISSING),
    (recorded(b""), "spec.recording.file", Reason.RECORDING_EMPTY),
    (recorded(bytes(INLINE_LIMIT + 1)), "spec.recording.file", Reason.RECORDING_TOO_LARGE),
    (recorded(bytes(INLINE_LIMIT - len(IMAGE) + 1)), "spec.portrait_image", Reason.IMAGE_TOO_LARGE),
    (acted(expression=9), "spec.acting.expression", Reason.FIELD_INVALID),
    (acted(intensity=2.1), "spec.acting.intensity", Reason.FIELD_OUT_OF_RANGE),
    (acted(intensity=-0.1), "spec.acting.intensity", Reason.FIELD_OUT_OF_RANGE),
    (acted(intensity=float("nan")), "spec.acting.intensity", Reason.FIELD_OUT_OF_RANGE),
    (acted(intensity=float("inf")), "spec.acting.intensity", Reason.FIELD_OUT_OF_RANGE),
    ({"tier": 17}, "spec.tier", Reason.FIELD_INVALID),
    ({"min_tier": 17}, "spec.min_tier", Reason.FIELD_INVALID),
    ({"tier": render_pb2.TIER_DRAFT, "min_tier": render_pb2.TIER_HIGH}, "spec.min_tier", Reason.FIELD_INVALID),
    ({"max_cost_micros": -1}, "spec.max_cost_micros", Reason.FIELD_OUT_OF_RANGE),
    ({"finish_within": Duration(nanos=999_999_999)}, "spec.finish_within", Reason.FIELD_OUT_OF_RANGE),
    ({"finish_within": Duration(seconds=86_401)}, "spec.finish_within", Reason.FIELD_OUT_OF_RANGE),
    ({"finish_within": Duration(seconds=-5)}, "spec.finish_within", Reason.FIELD_OUT_OF_RANGE),
    ({"consent": consent(2)}, "spec.consent.reference", Reason.CONSENT_MISSING),
    ({"consent": consent(7)}, "spec.consent.kind", Reason.FIELD_INVALID),
    (
        {"consent": consent(1, "r" * 501)},
        "spec.consent.reference",
        Reason.FIELD_OUT_OF_RANGE,
    ),
]


@pytest.mark.parametrize(("changes", "field", "reason"), BAD)
def test_the_error_names_the_field(changes: dict[str, Any], field: str, reason: Reason) -> None:
    error = refused(spec(**changes))
    assert (error.field, error.reason) == (field, reason)
    assert error.message.startswith(field)


@pytest.mark.parametrize(
    "changes",
    [
        output(width=64, height=64, fps=10, crf=10, segment_ms=200),
        output(width=1920, height=1088, fps=60, crf=40, segment_ms=10_000),
        {"finish_within": Duration(seconds=1)},
        {"finish_within": Duration(seconds=86_400)},
        {"portrait_image": IMAGE.ljust(INLINE_LIMIT)},
        said(text="a" * 20_000),
        recorded(bytes(INLINE_LIMIT - len(IMAGE))),
        {**recorded(bytes(INLINE_LIMIT)), "portrait_image": None, "portrait_id": "0" * 64},
        acted(intensity=0.0),
        acted(intensity=2.0),
        {"consent": consent(1, "r" * 500)},
        {"consent": render_pb2.Consent()},
    ],
)
def test_the_limits_themselves_are_allowed(changes: dict[str, Any]) -> None:
    validate(spec(**changes))


def test_speech_and_portrait_are_needed() -> None:
    error = refused(render_pb2.RenderSpec(portrait_image=IMAGE))
    assert (error.field, error.reason) == ("spec.script", Reason.FIELD_MISSING)
    error = refused(render_pb2.RenderSpec(script=voice_pb2.Script(text="Hello.")))
    assert (error.field, error.reason) == ("spec.portrait_image", Reason.FIELD_MISSING)


@pytest.mark.parametrize("portrait_id", ["x", "A" * 64, "0" * 63, "../" + "0" * 61])
def test_only_hashes_are_portrait_ids(portrait_id: str) -> None:
    message = spec()
    message.portrait_id = portrait_id
    assert refused(message).field == "spec.portrait_id"


uint32 = st.integers(0, 2**32 - 1)
enum = st.integers(0, 6) | st.integers(-(2**31), 2**31 - 1)
floats = st.floats(width=32)
text = st.text(max_size=50)
durations = st.builds(
    Duration, seconds=st.integers(-(2**63), 2**63 - 1), nanos=st.integers(-(2**31), 2**31 - 1)
) | st.builds(Duration, seconds=st.integers(0, 100))
scripts = st.builds(
    voice_pb2.Script,
    text=text,
    language=text,
    voice=text,
    rate=floats | st.floats(0.5, 2),
    pitch_semitones=floats,
    sentence_pause_ms=st.none() | uint32,
)
sides = st.sampled_from([0, 64, 512, 1080, 1920]) | uint32
outputs = st.builds(
    render_pb2.Output,
    container=enum,
    width=sides,
    height=sides,
    fps=st.sampled_from([0, 25, 60]) | uint32,
    framing=enum,
    crf=st.sampled_from([0, 10, 40]) | uint32,
    segment_ms=st.sampled_from([0, 200, 1000]) | uint32,
)
actings = st.builds(
    acting_pb2.Acting, expression=enum, intensity=st.none() | floats | st.floats(0, 2), eye_contact=st.booleans()
)
consents = st.builds(render_pb2.Consent, kind=enum, reference=text)
portraits = st.fixed_dictionaries({"portrait_image": st.binary(max_size=20) | st.just(IMAGE)}) | st.fixed_dictionaries(
    {"portrait_id": text | st.just("0" * 64)}
)


@st.composite
def specs(draw: st.DrawFn) -> render_pb2.RenderSpec:
    """Any RenderSpec that the wire can carry, more often nearly right than not."""
    facts: dict[str, Any] = {
        "script": draw(st.none() | scripts | st.just(voice_pb2.Script(text="Hello there."))),
        "output": draw(st.none() | outputs),
        "tier": draw(enum),
        "min_tier": draw(st.just(0) | enum),
        "max_cost_micros": draw(st.none() | st.integers(-(2**63), 2**63 - 1)),
        "finish_within": draw(st.none() | durations),
        "commercial_use": draw(st.booleans()),
        "seed": draw(st.integers(0, 2**64 - 1)),
        "consent": draw(st.none() | consents),
        "acting": draw(st.none() | actings),
        **draw(portraits),
    }
    return render_pb2.RenderSpec(**facts)


def outcome(message: render_pb2.RenderSpec) -> RenderSpec | InvalidArgument:
    try:
        return validate(message)
    except InvalidArgument as error:
        return error


@given(specs())
@settings(max_examples=300, deadline=None)
def test_any_spec_is_good_or_refused_with_a_field(message: render_pb2.RenderSpec) -> None:
    found = outcome(render_pb2.RenderSpec.FromString(message.SerializeToString()))
    if isinstance(found, InvalidArgument):
        assert found.code is grpc.StatusCode.INVALID_ARGUMENT
        assert found.field.startswith("spec.")
        assert found.message
    else:
        assert isinstance(found.speech, Script)
        assert found.speech.text.strip()
        assert 0 <= found.acting.intensity <= 2
        assert 64 <= found.video.width <= 1920
        assert found.video.width * found.video.height <= 1920 * 1088
        assert len(found.portrait_id) == 64
        assert found.min_tier >= Tier.DRAFT


async def test_errors_reach_the_caller_with_their_field(served: Served) -> None:
    request = render_service_pb2.RenderVideoRequest(spec=spec(output=render_pb2.Output(width=65)))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read(served.stub.RenderVideo(request))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error_info(caught.value).reason == "FIELD_INVALID"
    assert field_of(caught.value) == "spec.output.width"
    assert not served.gateway.renders.live


async def test_an_unknown_way_to_disconnect_is_refused(served: Served) -> None:
    way: Any = 9
    request = render_service_pb2.RenderVideoRequest(spec=spec(), on_disconnect=way)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read(served.stub.RenderVideo(request))
    assert field_of(caught.value) == "on_disconnect"


async def test_an_unknown_voice_is_refused_before_anything_starts(served: Served) -> None:
    script = voice_pb2.Script(text="Hello.", voice="nobody")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read(served.stub.RenderVideo(render_service_pb2.RenderVideoRequest(spec=spec(script=script))))
    assert error_info(caught.value).reason == "VOICE_UNKNOWN"
    assert field_of(caught.value) == "spec.script.voice"
    assert "espeak" in (caught.value.details() or "")


@pytest.mark.parametrize("method", ["RenderVideo", "CreateRender", "EstimateRender"])
async def test_scripts_for_videos_beyond_the_limit_are_refused(stand: Stand, method: str) -> None:
    async with stand.serving(max_video_s=2) as served:
        request = getattr(render_service_pb2, f"{method}Request")(spec=spec(400))
        call = getattr(served.stub, method)(request)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await (read(call) if method == "RenderVideo" else call)
        assert error_info(caught.value).reason == "FIELD_OUT_OF_RANGE"
        assert field_of(caught.value) == "spec.script.text"
        assert "the limit is 2 s; shorten it" in str(caught.value.details())
        assert (await read(served.stub.RenderVideo(render_service_pb2.RenderVideoRequest(spec=spec(2))))).receipt


@pytest.mark.parametrize("image", [b"<html>hello</html>", b"x", b"RIFF....WAVE", b" \xff\xd8\xff"])
@pytest.mark.parametrize("method", ["RenderVideo", "CreateRender", "EstimateRender"])
async def test_files_that_are_no_images_are_refused(served: Served, image: bytes, method: str) -> None:
    call = getattr(served.stub, method)(
        getattr(render_service_pb2, f"{method}Request")(spec=spec(portrait_image=image))
    )
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await (read(call) if method == "RenderVideo" else call)
    assert error_info(caught.value).reason == "IMAGE_UNREADABLE"
    assert field_of(caught.value) == "spec.portrait_image"


@pytest.mark.parametrize("start", [b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"RIFF\n\n\n\nWEBP", b"GIF89a"])
def test_what_may_be_an_image_is_left_to_the_animator(start: bytes) -> None:
    validate(spec(portrait_image=start))
