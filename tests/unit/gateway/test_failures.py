"""Whatever goes wrong, and whenever: the right error, everything closed, nothing left."""

import asyncio
import time
from dataclasses import replace

import pytest

from likeness_common.errors import (
    Cancelled,
    DeadlineExceeded,
    Internal,
    InvalidArgument,
    LikenessError,
    Reason,
    Unavailable,
)
from likeness_common.media import AudioChunk, FrameBatch
from likeness_gateway.gateway import Gateway
from likeness_gateway.model import RenderState
from likeness_gateway.renders.order import Order
from likeness_gateway.renders.watch import watch
from tests.fakes.animator import FakeAnimation
from tests.fakes.faults import Faults
from tests.unit.gateway.conftest import Stand
from tests.unit.gateway.requests import order

pytestmark = pytest.mark.unit

SPEECH = [("tts", point, after) for point, after in [("synthesize", 0), ("word", 0), ("word", 5), ("end", 0)]]
ANIMATOR = [
    ("animator", point, after)
    for point, after in [
        ("get", 0),
        ("upload", 0),
        ("open", 0),
        ("push", 0),
        ("push", 7),
        ("finish", 0),
        ("batch", 0),
        ("batch", 4),
        ("end", 0),
    ]
]
COMPOSITOR = [
    ("compositor", point, after)
    for point, after in [
        ("open", 0),
        ("audio", 0),
        ("audio", 3),
        ("frames", 0),
        ("frames", 3),
        ("finish", 0),
        ("segment", 0),
        ("segment", 2),
        ("end", 0),
    ]
]


def faults_of(stand: Stand, service: str) -> Faults:
    return {"tts": stand.speech.faults, "animator": stand.animator.faults, "compositor": stand.compositor.faults}[
        service
    ]


async def render_and_fail(gateway: Gateway, stand: Stand, wanted: Order | None = None) -> tuple[LikenessError, str]:
    """Run a render that fails; check that nothing is left of it."""
    before = asyncio.all_tasks()
    render = await gateway.renders.start(wanted or order())
    with pytest.raises(LikenessError) as caught:
        async for _ in watch(render, attached=True):
            pass
    await render.finished()
    assert asyncio.all_tasks() == before
    assert stand.idle
    assert stand.files() == []
    return caught.value, render.record.id


@pytest.mark.parametrize(("service", "point", "after"), [*SPEECH, *ANIMATOR, *COMPOSITOR])
async def test_the_error_of_a_stage_reaches_the_caller(stand: Stand, service: str, point: str, after: int) -> None:
    fault = Unavailable(Reason.SERVER_BUSY, "no room here")
    async with stand.gateway() as gateway:
        faults_of(stand, service).fail(point, fault, after)
        error, render_id = await render_and_fail(gateway, stand)
        assert error is fault
        assert error.metadata == {"service": service}
        record = await gateway.renders.get(render_id)
        assert record.state is RenderState.FAILED
        assert record.failure is not None
        assert record.failure.reason is Reason.SERVER_BUSY
        assert record.spec is None
        assert record.segment_count == 0
        faults_of(stand, service).clear()
        again = await gateway.renders.start(order(detached=True))
        await again.finished()
        assert again.record.state is RenderState.SUCCEEDED


@pytest.mark.parametrize(
    ("service", "point"), [("tts", "word"), ("animator", "batch"), ("animator", "push"), ("compositor", "frames")]
)
async def test_a_bug_in_a_stage_is_internal_and_hides_its_message(stand: Stand, service: str, point: str) -> None:
    async with stand.gateway() as gateway:
        faults_of(stand, service).fail(point, ZeroDivisionError("secret"), 2)
        error, _ = await render_and_fail(gateway, stand)
        assert isinstance(error, Internal)
        assert error.metadata == {"service": service}
        assert "secret" not in error.message


async def test_the_first_of_several_failures_wins(stand: Stand) -> None:
    first = Unavailable(Reason.SERVICE_UNREACHABLE, "first")
    stand.animator.faults.fail("batch", first, 2)
    stand.compositor.faults.delay("segment", 0.02)
    stand.compositor.faults.fail("segment", Unavailable(Reason.SERVICE_UNREACHABLE, "second"), 3)
    async with stand.gateway() as gateway:
        error, _ = await render_and_fail(gateway, stand)
        assert error is first


async def test_a_service_that_cancels_is_unreachable_rather_than_cancelled(stand: Stand) -> None:
    stand.animator.faults.fail("batch", Cancelled(Reason.RENDER_CANCELLED, "shutting down"), 1)
    async with stand.gateway() as gateway:
        error, render_id = await render_and_fail(gateway, stand)
        assert isinstance(error, Unavailable)
        assert error.reason is Reason.SERVICE_UNREACHABLE
        assert error.metadata == {"service": "animator"}
        assert (await gateway.renders.get(render_id)).state is RenderState.FAILED


async def test_fields_of_stages_become_fields_of_the_request(stand: Stand) -> None:
    fault = InvalidArgument(Reason.LANGUAGE_UNKNOWN, "script.language 'xx' is not known", field="script.language")
    stand.speech.faults.fail("synthesize", fault)
    async with stand.gateway() as gateway:
        error, _ = await render_and_fail(gateway, stand)
        assert error.field == "spec.script.language"
        assert error.message == "spec.script.language 'xx' is not known"


@pytest.mark.parametrize(
    ("service", "point", "after"),
    [
        ("tts", "synthesize", 0),
        ("tts", "word", 4),
        ("animator", "get", 0),
        ("animator", "open", 0),
        ("animator", "batch", 2),
        ("compositor", "open", 0),
        ("compositor", "segment", 1),
        ("compositor", "end", 0),
    ],
)
@pytest.mark.parametrize("how", ["caller", "request"])
async def test_a_stage_that_hangs_runs_into_the_deadline(
    stand: Stand, service: str, point: str, after: int, how: str
) -> None:
    faults_of(stand, service).hang(point, after)
    wanted = order()
    if how == "caller":
        wanted = replace(wanted, expires_at=time.monotonic() + 0.1)
    else:
        wanted = replace(wanted, spec=replace(wanted.spec, finish_within_ms=100))
    async with stand.gateway() as gateway:
        error, render_id = await render_and_fail(gateway, stand, wanted)
        assert isinstance(error, DeadlineExceeded)
        assert error.reason is Reason.DEADLINE_EXCEEDED
        assert "finish_within" in error.message
        assert (await gateway.renders.get(render_id)).state is RenderState.FAILED


async def test_the_deadline_covers_the_time_in_the_queue(stand: Stand) -> None:
    stand.speech.faults.hang("word", 3)
    async with stand.gateway(max_concurrent_renders=1) as gateway:
        first = await gateway.renders.start(order(detached=True))
        waiting = await gateway.renders.start(replace(order(), expires_at=time.monotonic() + 0.1))
        with pytest.raises(DeadlineExceeded):
            async for _ in watch(waiting, attached=True):
                pass
        assert first.record.state is RenderState.RUNNING
        await gateway.renders.cancel(first.record.id)


async def test_frames_that_end_too_early_are_an_error(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = FakeAnimation.frames

    async def short(self: FakeAnimation):
        async for batch in frames(self):
            if batch.first_frame >= 30:
                return
            yield batch

    monkeypatch.setattr(FakeAnimation, "frames", short)
    async with stand.gateway() as gateway:
        error, _ = await render_and_fail(gateway, stand)
        assert error.reason is Reason.STREAM_PROTOCOL
        assert error.metadata == {"service": "animator"}


async def test_frames_out_of_order_are_an_error(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = FakeAnimation.frames

    async def shuffled(self: FakeAnimation):
        async for batch in frames(self):
            yield FrameBatch(batch.first_frame + (batch.first_frame > 10), batch.count, batch.data)

    monkeypatch.setattr(FakeAnimation, "frames", shuffled)
    async with stand.gateway() as gateway:
        error, _ = await render_and_fail(gateway, stand)
        assert error.reason is Reason.STREAM_PROTOCOL


async def test_audio_with_a_gap_is_an_error(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    synthesize = stand.speech.synthesize

    async def gappy(script, rate):
        async for event in synthesize(script, rate):
            late = isinstance(event, AudioChunk) and event.sequence > 2
            yield replace(event, start_sample=event.start_sample + 1) if late else event

    monkeypatch.setattr(stand.speech, "synthesize", gappy)
    async with stand.gateway() as gateway:
        error, _ = await render_and_fail(gateway, stand)
        assert error.reason is Reason.STREAM_PROTOCOL
        assert error.metadata == {"service": "tts"}
