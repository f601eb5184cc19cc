"""Repeating a request is safe."""

import asyncio
import uuid

import grpc
import pytest

from likeness.gateway.v1 import render_service_pb2
from likeness.media.v1 import acting_pb2
from likeness_common.errors import Reason, Unavailable
from likeness_common.media import portrait_id
from likeness_gateway.model import RenderState
from likeness_gateway.renders.watch import watch as follow
from tests.unit.gateway.conftest import Served, Stand
from tests.unit.gateway.requests import IMAGE, order, read, spec, video, watch
from tests.watched import error_info, field_of

pytestmark = pytest.mark.unit


async def test_the_same_request_replays_the_same_render(stand: Stand, served: Served) -> None:
    request = video(request_id=str(uuid.uuid4()))
    first = await read(served.stub.RenderVideo(request))
    second = await read(served.stub.RenderVideo(request))
    assert (first.name, first.video, first.receipt) == (second.name, second.video, second.receipt)
    assert len(stand.compositor.made) == 1


async def test_another_spec_is_refused(served: Served) -> None:
    request_id = str(uuid.uuid4())
    first = await read(served.stub.RenderVideo(video(request_id=request_id)))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read(served.stub.RenderVideo(video(request_id=request_id, seed=2)))
    assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS
    assert error_info(caught.value).reason == "REQUEST_ID_REUSED"
    assert first.name in (caught.value.details() or "")


async def test_another_acting_is_another_request(served: Served) -> None:
    request_id = str(uuid.uuid4())
    await read(served.stub.RenderVideo(video(request_id=request_id)))
    for acting in (acting_pb2.Acting(expression=acting_pb2.EXPRESSION_WARM), acting_pb2.Acting(intensity=0.5)):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await read(served.stub.RenderVideo(video(request_id=request_id, acting=acting)))
        assert error_info(caught.value).reason == "REQUEST_ID_REUSED"


async def test_a_photo_and_its_id_are_the_same_request(served: Served) -> None:
    request_id = str(uuid.uuid4())
    first = await read(served.stub.RenderVideo(video(request_id=request_id)))
    by_id = spec()
    by_id.portrait_id = portrait_id(IMAGE)
    request = render_service_pb2.RenderVideoRequest(request_id=request_id.upper(), spec=by_id)
    assert (await read(served.stub.RenderVideo(request))).name == first.name


@pytest.mark.parametrize(
    "request_id",
    [
        "7",
        "not-a-uuid",
        "c232ab00-9414-11ec-b3c8-9f6bdeced846",  # version 1
        "919108f752d143208bacf847db4148a8",
        "{919108f7-52d1-4320-8bac-f847db4148a8}",
    ],
)
async def test_only_uuid4_is_taken(served: Served, request_id: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read(served.stub.RenderVideo(video(request_id=request_id)))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert field_of(caught.value) == "request_id"


async def test_a_repeated_request_joins_a_running_render(stand: Stand, served: Served) -> None:
    request = video(40, request_id=str(uuid.uuid4()))
    first, second = await asyncio.gather(read(served.stub.RenderVideo(request)), read(served.stub.RenderVideo(request)))
    assert first.name == second.name
    assert first.video == second.video
    assert len(stand.compositor.made) == 1


async def test_many_at_once_make_one_render(stand: Stand) -> None:
    request_id = str(uuid.uuid4())
    async with stand.gateway() as gateway:
        wanted = [order(request_id=request_id, detached=True) for _ in range(8)]
        renders = await asyncio.gather(*map(gateway.renders.start, wanted))
        assert len({render.record.id for render in renders}) == 1
        await renders[0].finished()
        assert len(await gateway.renders.page(10, None)) == 1
    assert len(stand.compositor.made) == 1


async def test_a_failed_attempt_starts_again(stand: Stand, served: Served) -> None:
    request = video(request_id=str(uuid.uuid4()))
    stand.animator.faults.fail("batch", Unavailable(Reason.SERVICE_UNREACHABLE, "gone"), 2)
    with pytest.raises(grpc.aio.AioRpcError):
        await read(served.stub.RenderVideo(request))
    stand.animator.faults.clear()
    second = await read(served.stub.RenderVideo(request))
    third = await read(served.stub.RenderVideo(request))
    assert second.name == third.name
    listed = await served.stub.ListRenders(render_service_pb2.ListRendersRequest())
    assert [render.name == second.name for render in listed.renders] == [True, False]


async def test_a_cancelled_attempt_starts_again(stand: Stand, served: Served) -> None:
    request = video(200, request_id=str(uuid.uuid4()))
    call = served.stub.RenderVideo(request)
    first = await read(call, segments=2)
    call.cancel()
    second = await read(served.stub.RenderVideo(request))
    assert second.receipt is not None
    assert second.name != first.name


async def test_asking_again_without_a_caller_keeps_a_render_alive(stand: Stand) -> None:
    request_id = str(uuid.uuid4())
    async with stand.gateway() as gateway:
        render = await gateway.renders.start(order(200, request_id=request_id))
        stream = follow(render, attached=True)
        await anext(stream)
        again = await gateway.renders.start(order(200, request_id=request_id, detached=True))
        assert again is render
        await stream.aclose()
        await render.finished()
        assert render.record.state is RenderState.SUCCEEDED
        assert (await gateway.renders.get(render.record.id)).detached


async def test_a_replay_works_when_nothing_new_can_be_rendered(stand: Stand, served: Served) -> None:
    request = video(request_id=str(uuid.uuid4()))
    first = await read(served.stub.RenderVideo(request))
    stand.animator.infos = []
    await served.gateway.renders.drain(0)
    again = await read(served.stub.RenderVideo(request))
    assert again.video == first.video
    assert (await read(served.stub.WatchRender(watch(first.name)))).video == first.video
