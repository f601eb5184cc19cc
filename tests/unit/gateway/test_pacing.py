"""Slow readers slow their render; nothing grows."""

import asyncio

import pytest

from likeness_common.errors import DeadlineExceeded, ResourceExhausted
from likeness_common.media import Segment
from likeness_gateway.model import RenderState
from likeness_gateway.renders.live import MAX_UNSENT_SEGMENTS
from likeness_gateway.renders.watch import watch
from tests.fakes.animator import engine_info
from tests.fakes.speech import SAMPLES_PER_WORD
from tests.unit.gateway.conftest import Stand
from tests.unit.gateway.requests import order, read, video
from tests.waiting import until

pytestmark = pytest.mark.unit

LONG = 400


async def settled(stand: Stand) -> None:
    """Return when no stage moves any more."""
    before = -1
    while (now := stand.speech.faults.passed["word"] + stand.compositor.made[0].frames) != before:
        before = now
        await asyncio.sleep(0.1)


async def test_an_attached_reader_that_stops_stops_its_render(stand: Stand) -> None:
    async with stand.gateway() as gateway:
        render = await gateway.renders.start(order(LONG))
        reader = watch(render, attached=True)
        await anext(reader)
        await until(lambda: render.log.count == MAX_UNSENT_SEGMENTS)
        await settled(stand)
        assert render.log.count == MAX_UNSENT_SEGMENTS
        taken = 0
        async for event in reader:
            taken += isinstance(event, Segment)
            assert render.log.count <= taken + MAX_UNSENT_SEGMENTS
        assert render.record.state is RenderState.SUCCEEDED
        assert taken == render.log.count > 2 * MAX_UNSENT_SEGMENTS


async def test_callers_that_do_not_read_lose_their_renders_and_slots(stand: Stand) -> None:
    async with stand.serving(max_concurrent_renders=1, stall_s=0.2) as served:
        render = await served.gateway.renders.start(order(LONG))
        reader = watch(render, attached=True)
        await anext(reader)
        other = await read(served.stub.RenderVideo(video()))
        assert other.receipt is not None
        with pytest.raises(DeadlineExceeded, match=r"took no segment for 0\.2 s; read the stream"):
            async for _ in reader:
                pass
        assert (await served.gateway.renders.get(render.record.id)).state is RenderState.FAILED
        assert stand.idle


async def test_a_slow_reader_is_no_stalled_one(stand: Stand) -> None:
    async with stand.gateway(stall_s=0.5) as gateway:
        render = await gateway.renders.start(order(LONG))
        taken = 0
        async for event in watch(render, attached=True):
            taken += isinstance(event, Segment)
            if taken < 40:
                await asyncio.sleep(0.02)
        assert render.record.state is RenderState.SUCCEEDED


async def test_a_detached_render_waits_for_nobody(stand: Stand) -> None:
    async with stand.gateway() as gateway:
        render = await gateway.renders.start(order(LONG, detached=True))
        reader = watch(render)
        await anext(reader)
        await render.finished()
        assert render.record.state is RenderState.SUCCEEDED
        assert sum([isinstance(event, Segment) async for event in reader]) == render.log.count


async def test_speech_stays_within_ten_seconds_of_the_pictures(stand: Stand) -> None:
    stand.compositor.faults.hang("frames", 5)
    async with stand.gateway() as gateway:
        render = await gateway.renders.start(order(LONG, detached=True))
        await until(lambda: "frames" in stand.compositor.faults.waiting)
        await settled(stand)
        spoken = stand.speech.faults.passed["word"] * SAMPLES_PER_WORD
        composed = stand.compositor.made[0].frames * 960
        assert spoken - composed <= 10 * 24_000 + 2 * SAMPLES_PER_WORD
        await gateway.renders.cancel(render.record.id)


async def test_more_renders_than_places_are_refused(stand: Stand) -> None:
    stand.speech.faults.hang("word")
    async with stand.gateway(max_concurrent_renders=2, max_queued_renders=1) as gateway:
        renders = [await gateway.renders.start(order(detached=True)) for _ in range(3)]
        await until(lambda: stand.speech.open == 2)
        assert [render.record.state.value for render in renders] == ["running", "running", "queued"]
        with pytest.raises(ResourceExhausted) as caught:
            await gateway.renders.start(order(detached=True))
        assert caught.value.reason.value == "SERVER_BUSY"
        assert caught.value.retry_after_s is not None
        assert caught.value.retry_after_s >= 1
        stand.speech.faults.clear()
        await gateway.renders.cancel(renders[0].record.id)
        await until(lambda: renders[2].record.state is RenderState.RUNNING)
        await gateway.renders.start(order(detached=True))
        for render in renders[1:]:
            await gateway.renders.cancel(render.record.id)


async def test_renders_share_their_slots_in_order(stand: Stand) -> None:
    async with stand.gateway(max_concurrent_renders=1) as gateway:
        renders = [await gateway.renders.start(order(detached=True)) for _ in range(4)]
        for render in renders:
            await render.finished()
        ends = [render.record.end_time_us or 0 for render in renders]
        assert ends == sorted(ends)
        assert {render.record.state for render in renders} == {RenderState.SUCCEEDED}


async def test_engines_that_hear_far_ahead_get_the_speech_they_wait_for(stand: Stand) -> None:
    stand.animator.lookahead_frames = 150
    stand.animator.infos = [engine_info("mesh", lookahead_ms=6000)]
    async with stand.gateway() as gateway:
        render = await gateway.renders.start(order(LONG, detached=True))
        await asyncio.wait_for(render.finished(), 30)
        assert render.record.state is RenderState.SUCCEEDED
