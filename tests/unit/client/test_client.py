"""The SDK sends what it is given and returns plain data."""

import uuid
from contextlib import aclosing
from datetime import UTC
from pathlib import Path

import pytest
from google.protobuf.message import Message

from likeness.gateway.v1 import render_pb2
from likeness.media.v1 import acting_pb2, portrait_pb2, video_pb2
from likeness_client.client import LikenessClient
from likeness_client.convert.spec import spec_to
from likeness_client.model import Consent, ConsentKind, Output, RenderSpec, RenderState, Tier
from likeness_common.errors import InvalidArgument, NotFound, Reason, ResourceExhausted, Unavailable
from likeness_common.media import Acting, Container, Expression, Framing, portrait_id
from likeness_common.stages.speech import MAX_RECORDING_BYTES, Recording, Script
from likeness_common.validation.portrait import MAX_INLINE_BYTES, MAX_PORTRAIT_BYTES
from tests.unit.client.fake_gateway import NAME, FakeGateway

pytestmark = pytest.mark.unit


def test_every_field_of_a_spec_is_sent() -> None:
    spec = RenderSpec(
        Script("Hi.", "de", "other", 1.5, -2.0, 0),
        portrait_image=b"photo",
        output=Output(Container.WEBM, 640, 360, 30, Framing.FULL, 18, 400),
        tier=Tier.HIGH,
        min_tier=Tier.STANDARD,
        max_cost_micros=0,
        finish_within_s=1.25,
        commercial_use=True,
        seed=7,
        consent=Consent(ConsentKind.AUTHORISED, "contract 12"),
        acting=Acting(Expression.EXCITED, 0.0, True),
    )
    message = spec_to(spec)
    assert (message.script.text, message.script.language, message.script.voice) == ("Hi.", "de", "other")
    assert (message.script.rate, message.script.pitch_semitones) == (1.5, -2.0)
    assert message.script.HasField("sentence_pause_ms")
    assert message.portrait_image == b"photo"
    output = message.output
    assert (output.container, output.framing) == (video_pb2.CONTAINER_WEBM, portrait_pb2.FRAMING_MODE_FULL)
    assert (output.width, output.height, output.fps, output.crf, output.segment_ms) == (640, 360, 30, 18, 400)
    assert (message.tier, message.min_tier) == (render_pb2.TIER_HIGH, render_pb2.TIER_STANDARD)
    assert message.HasField("max_cost_micros")
    assert message.finish_within.ToMilliseconds() == 1250
    assert message.commercial_use
    assert message.seed == 7
    assert message.acting.expression == acting_pb2.EXPRESSION_EXCITED
    assert message.acting.HasField("intensity")
    assert (message.acting.intensity, message.acting.eye_contact) == (0.0, True)
    assert (message.consent.kind, message.consent.reference) == (render_pb2.CONSENT_KIND_AUTHORISED, "contract 12")


def test_what_is_not_given_is_not_sent() -> None:
    message = spec_to(RenderSpec(Script("Hi."), portrait_id="0" * 64))
    assert message.WhichOneof("portrait") == "portrait_id"
    for name in ("max_cost_micros", "finish_within", "consent"):
        assert not message.HasField(name)
    assert message.min_tier == render_pb2.TIER_UNSPECIFIED


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (RenderSpec(Script("Hi."), output=Output(width=-2)), "spec.output.width"),
        (RenderSpec(Script("Hi.", sentence_pause_ms=2**32)), "spec.script.sentence_pause_ms"),
        (RenderSpec(Script("Hi."), seed=2**64), "spec.seed"),
        (RenderSpec(Script("Hi."), max_cost_micros=2**63), "spec.max_cost_micros"),
        (RenderSpec(Script("Hi."), finish_within_s=1e18), "spec.finish_within"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_number_that_no_field_carries_is_an_error_of_the_caller(spec: RenderSpec, field: str) -> None:
    with pytest.raises(InvalidArgument, match=f"{field} is") as caught:
        spec_to(spec)
    assert (caught.value.reason, caught.value.field) == (Reason.FIELD_OUT_OF_RANGE, field)


def test_the_largest_numbers_are_carried() -> None:
    spec = RenderSpec(Script("Hi.", sentence_pause_ms=2**32 - 1), seed=2**64 - 1, max_cost_micros=2**63 - 1)
    assert spec_to(spec).seed == 2**64 - 1


async def test_large_portraits_are_uploaded_first(client: LikenessClient, fake: FakeGateway) -> None:
    image = bytes(range(256)) * (MAX_INLINE_BYTES // 256) + b"one more"
    async with aclosing(client.render(RenderSpec(Script("Hi."), portrait_image=image))) as events:
        async for _ in events:
            break
    assert fake.calls == ["upload", "render"]
    assert fake.uploaded == image
    assert fake.requests[0].spec.portrait_id == portrait_id(image)


async def test_a_portrait_that_a_recording_leaves_no_room_for_is_uploaded_first(
    client: LikenessClient, fake: FakeGateway
) -> None:
    recording = Recording(bytes(MAX_RECORDING_BYTES - 4))
    await client.create(RenderSpec(recording, portrait_image=b"photo"))
    await client.create(RenderSpec(recording, portrait_image=b"pic!"))
    assert fake.calls == ["upload"]
    assert fake.requests[0].spec.recording.file == recording.file
    assert fake.requests[0].spec.portrait_id == portrait_id(b"photo")
    assert fake.requests[1].spec.portrait_image == b"pic!"


async def test_a_recording_too_large_for_a_request_is_refused_here(client: LikenessClient, fake: FakeGateway) -> None:
    with pytest.raises(InvalidArgument, match="ffmpeg") as caught:
        await client.create(RenderSpec(Recording(bytes(MAX_RECORDING_BYTES + 1)), portrait_image=b"photo"))
    assert (caught.value.reason, caught.value.field) == (Reason.RECORDING_TOO_LARGE, "spec.recording.file")
    assert fake.requests == []


async def test_small_portraits_travel_with_the_request(client: LikenessClient, fake: FakeGateway, spec) -> None:
    await client.create(spec)
    assert fake.calls == []
    assert fake.requests[0].spec.portrait_image == b"photo"


async def test_every_render_has_an_id_that_makes_repeating_it_safe(client: LikenessClient, fake, spec) -> None:
    for _ in range(2):
        await client.create(spec)
        async with aclosing(client.render(spec)) as events:
            await anext(events)
    ids = [uuid.UUID(request.request_id) for request in fake.requests]
    assert len(set(ids)) == 4
    assert {own.version for own in ids} == {4}
    await client.create(spec, request_id=str(ids[0]))
    assert fake.requests[-1].request_id == str(ids[0])


async def test_a_portrait_is_uploaded_from_a_file(client: LikenessClient, fake: FakeGateway, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x" * 1_200_000)
    portrait = await client.upload_portrait(tmp_path / "photo.jpg")
    assert portrait.id == portrait_id(fake.uploaded)
    assert len(fake.uploaded) == 1_200_000


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, Reason.FIELD_INVALID),
        (b"", Reason.IMAGE_UNREADABLE),
        (b"x" * (MAX_PORTRAIT_BYTES + 1), Reason.IMAGE_TOO_LARGE),
    ],
    ids=["missing", "empty", "too large"],
)
async def test_a_bad_portrait_file_is_not_sent(client, fake, tmp_path: Path, content: bytes | None, reason) -> None:
    photo = tmp_path / "photo.jpg"
    if content is not None:
        photo.write_bytes(content)
    with pytest.raises(InvalidArgument, match=r"photo\.jpg") as caught:
        await client.upload_portrait(photo)
    assert caught.value.reason is reason
    assert fake.calls == []


async def test_an_upload_refused_before_it_is_sent_says_why(client: LikenessClient, fake: FakeGateway) -> None:
    fake.error = ResourceExhausted(Reason.SERVER_BUSY, "come back", retry_after_s=2.0)
    for _ in range(20):  # what is heard of an early end is a race
        with pytest.raises(ResourceExhausted, match="come back") as caught:
            await client.upload_portrait(bytes(3 * 1024 * 1024))
        assert (caught.value.reason, caught.value.retry_after_s) == (Reason.SERVER_BUSY, 2.0)


async def test_lists_are_fetched_page_by_page(client: LikenessClient) -> None:
    renders = [render async for render in client.list()]
    assert [render.name for render in renders] == [f"renders/{page:032x}" for page in range(3)]
    assert renders[0].state is RenderState.RUNNING
    assert not renders[0].state.ended


async def test_a_render_is_plain_data(client: LikenessClient) -> None:
    render = await client.get(NAME)
    assert render.state is RenderState.SUCCEEDED
    assert render.create_time.tzinfo is UTC
    assert render.end_time is None
    assert render.plan.tier is Tier.DRAFT


async def test_errors_keep_their_class_reason_and_field(client: LikenessClient) -> None:
    with pytest.raises(NotFound) as caught:
        await client.get("renders/none")
    assert (caught.value.reason, caught.value.field) == (Reason.RENDER_NOT_FOUND, "name")


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    async with LikenessClient("127.0.0.1:1") as client:
        with pytest.raises(Unavailable) as caught:
            await client.tiers()
    assert caught.value.reason is Reason.SERVICE_UNREACHABLE


async def test_estimates_name_tiers_that_are_missing(client: LikenessClient) -> None:
    estimate = await client.estimate(RenderSpec(Script("Hi.")))
    draft, premium = estimate.tiers
    assert draft.plan is not None
    assert draft.quote is not None
    assert draft.quote.video_s == 2.0
    assert (premium.plan, premium.quote) == (None, None)
    assert premium.tier.unavailable_reason == "rent a GPU"
    assert estimate.comparisons[0].cost_micros == 120_000


async def test_a_trace_keeps_its_tree_and_its_events(client: LikenessClient) -> None:
    trace = await client.trace(NAME)
    root, child = trace.spans
    assert (root.parent_span_id, child.parent_span_id) == ("", root.span_id)
    assert child.end_ns - child.start_ns == 500_000_000
    assert root.events[0].attributes == {"likeness.ms_from_request": "250"}
    assert not any(isinstance(value, Message) for value in (trace, root, root.events[0]))
