"""Renders that are stopped stop entirely."""

import asyncio

import grpc
import pytest

from likeness.gateway.v1 import render_pb2, render_service_pb2
from likeness_common.errors import Cancelled
from likeness_gateway import catalogue
from likeness_gateway.model import RenderState
from likeness_gateway.renders.watch import watch as follow
from tests.unit.gateway.conftest import Served, Stand
from tests.unit.gateway.requests import order, read, video, watch
from tests.waiting import until
from tests.watched import error_info

pytestmark = pytest.mark.unit

LONG = 400


async def get(served: Served, name: str) -> render_pb2.Render:
    response = await served.stub.GetRender(render_service_pb2.GetRenderRequest(name=name))
    return response.render


async def test_a_cancelled_call_cancels_its_render(stand: Stand, served: Served) -> None:
    call = served.stub.RenderVideo(video(LONG))
    seen = await read(call, segments=3)
    assert not stand.idle
    call.cancel()
    await until(lambda: stand.idle and not stand.files() and not served.gateway.renders.live)
    render = await get(served, seen.name)
    assert render.state == render_pb2.RENDER_STATE_CANCELLED
    assert render.error_reason == "RENDER_CANCELLED"
    assert render.segment_count == 0
    assert render.HasField("end_time")


async def test_a_broken_connection_cancels_its_render(stand: Stand, served: Served) -> None:
    async with grpc.aio.insecure_channel(served.address) as channel:
        stub = type(served.stub)(channel)
        seen = await read(stub.RenderVideo(video(LONG)), segments=3)
    await until(lambda: stand.idle and not stand.files())
    assert (await get(served, seen.name)).state == render_pb2.RENDER_STATE_CANCELLED


async def test_a_caller_that_does_not_read_and_then_goes_is_noticed(stand: Stand, served: Served) -> None:
    call = served.stub.RenderVideo(video(LONG))
    await until(lambda: bool(stand.compositor.made) and stand.compositor.made[0].frames > 30)
    call.cancel()
    await until(lambda: stand.idle and not stand.files())


@pytest.mark.parametrize(
    ("service", "point"),
    [
        ("speech", "voices"),
        ("speech", "synthesize"),
        ("speech", "word"),
        ("animator", "get"),
        ("animator", "open"),
        ("animator", "batch"),
        ("animator", "finish"),
        ("compositor", "open"),
        ("compositor", "frames"),
        ("compositor", "segment"),
        ("compositor", "end"),
    ],
)
async def test_a_caller_may_go_at_any_moment(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, service: str, point: str
) -> None:
    monkeypatch.setattr(catalogue, "FRESH_S", -1.0)
    faults = getattr(stand, service).faults
    async with stand.serving() as served:
        faults.hang(point)
        call = served.stub.RenderVideo(video())
        reading = asyncio.create_task(read(call))
        await until(lambda: point in faults.waiting)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await until(lambda: stand.idle and not stand.files() and not served.gateway.renders.live)
        faults.clear()
        assert (await read(served.stub.RenderVideo(video()))).receipt is not None


async def test_cancel_render_ends_every_stream_with_its_reason(stand: Stand, served: Served) -> None:
    call = served.stub.RenderVideo(video(LONG))
    seen = await read(call, segments=2)
    watcher = served.stub.WatchRender(watch(seen.name))
    await read(watcher, segments=2)
    response = await served.stub.CancelRender(render_service_pb2.CancelRenderRequest(name=seen.name))
    assert response.render.state == render_pb2.RENDER_STATE_CANCELLED
    assert stand.idle
    assert stand.files() == []
    for stream in (call, watcher):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await read(stream)
        assert caught.value.code() is grpc.StatusCode.CANCELLED
        assert error_info(caught.value).reason == "RENDER_CANCELLED"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read(served.stub.WatchRender(watch(seen.name)))
    assert error_info(caught.value).reason == "RENDER_CANCELLED"


async def test_cancelling_what_has_ended_changes_nothing(served: Served) -> None:
    seen = await read(served.stub.RenderVideo(video()))
    response = await served.stub.CancelRender(render_service_pb2.CancelRenderRequest(name=seen.name))
    assert response.render.state == render_pb2.RENDER_STATE_SUCCEEDED
    again = await read(served.stub.WatchRender(watch(seen.name)))
    assert again.video == seen.video


async def test_a_waiting_render_can_be_cancelled(stand: Stand) -> None:
    stand.speech.faults.hang("word", 2)
    async with stand.gateway(max_concurrent_renders=1) as gateway:
        running = await gateway.renders.start(order(detached=True))
        waiting = await gateway.renders.start(order(detached=True))
        assert waiting.record.state is RenderState.QUEUED
        record = await gateway.renders.cancel(waiting.record.id)
        assert record.state is RenderState.CANCELLED
        assert running.record.state is RenderState.RUNNING
        assert stand.speech.open == 1
        await gateway.renders.cancel(running.record.id)
        assert stand.idle


async def test_the_render_goes_with_the_last_attached_stream(stand: Stand) -> None:
    async with stand.gateway() as gateway:
        render = await gateway.renders.start(order(LONG))
        first, second = follow(render, attached=True), follow(render, attached=True)
        for stream in (first, second):
            await anext(stream)
        await first.aclose()
        await anext(second)
        assert not render.ended
        await second.aclose()
        await render.finished()
        assert isinstance(render.error, Cancelled)


async def test_watching_does_not_keep_a_render_alive(stand: Stand) -> None:
    async with stand.gateway() as gateway:
        render = await gateway.renders.start(order(LONG))
        owner, watcher = follow(render, attached=True), follow(render)
        await anext(owner)
        await anext(watcher)
        await owner.aclose()
        with pytest.raises(Cancelled):
            async for _ in watcher:
                pass
        await render.finished()
        assert stand.idle
