"""Following renders, from any segment, running or ended."""

from collections.abc import Awaitable
from typing import Any

import grpc
import psutil
import pytest

from likeness.gateway.v1 import render_pb2, render_service_pb2
from likeness_common.errors import Reason, Unavailable
from tests.unit.gateway.conftest import Served, Stand
from tests.unit.gateway.requests import read, video, watch
from tests.waiting import until
from tests.watched import error_info

pytestmark = pytest.mark.unit


async def test_a_dropped_stream_resumes_byte_for_byte(stand: Stand, served: Served) -> None:
    call = served.stub.RenderVideo(video(60, detached=True))
    first = await read(call, segments=4)
    call.cancel()
    rest = await read(served.stub.WatchRender(watch(first.name, after=first.segments[-1].sequence)))
    whole = await read(served.stub.WatchRender(watch(first.name)))
    assert first.video + rest.video == whole.video
    assert rest.receipt == whole.receipt
    assert rest.order[0] == "accepted"
    assert rest.accepted == whole.accepted == first.accepted
    assert len(stand.compositor.made) == 1


async def test_every_place_can_be_resumed_from(served: Served) -> None:
    whole = await read(served.stub.RenderVideo(video(12)))
    for after in range(len(whole.segments)):
        rest = await read(served.stub.WatchRender(watch(whole.name, after=after)))
        assert rest.video == b"".join(segment.data for segment in whole.segments[after + 1 :])
        assert rest.receipt == whole.receipt


@pytest.mark.parametrize("after", [10_000, 2**63, 2**64 - 1])
async def test_after_the_end_there_is_only_the_receipt(served: Served, after: int) -> None:
    whole = await read(served.stub.RenderVideo(video()))
    rest = await read(served.stub.WatchRender(watch(whole.name, after=after)))
    assert rest.order == ["accepted", "receipt"]
    assert rest.receipt == whole.receipt


async def test_a_running_render_is_followed_live(stand: Stand, served: Served) -> None:
    stand.animator.faults.hang("batch", 20)
    created = await served.stub.CreateRender(render_service_pb2.CreateRenderRequest(spec=video(40).spec))
    assert created.render.state in (render_pb2.RENDER_STATE_QUEUED, render_pb2.RENDER_STATE_RUNNING)
    stream = served.stub.WatchRender(watch(created.render.name))
    seen = await read(stream, segments=3)
    assert seen.progress
    response = await served.stub.GetRender(render_service_pb2.GetRenderRequest(name=seen.name))
    assert response.render.state == render_pb2.RENDER_STATE_RUNNING
    assert response.render.segment_count >= 3
    await served.stub.CancelRender(render_service_pb2.CancelRenderRequest(name=seen.name))


async def test_a_failed_render_replays_what_there_is_and_then_its_error(stand: Stand, served: Served) -> None:
    stand.animator.faults.fail(
        "batch", Unavailable(Reason.SERVICE_UNREACHABLE, "gone", metadata={"service": "animator"}), 30
    )
    call = served.stub.RenderVideo(video(40, detached=True))
    seen = await read(call, segments=1)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read(call, seen)
    assert len(seen.segments) > 2
    replay = await read(served.stub.WatchRender(watch(seen.name)), segments=len(seen.segments))
    assert replay.video == seen.video
    with pytest.raises(grpc.aio.AioRpcError) as again:
        await read(served.stub.WatchRender(watch(seen.name, after=len(seen.segments) - 1)))
    assert caught.value.code() is again.value.code() is grpc.StatusCode.UNAVAILABLE
    assert error_info(caught.value) == error_info(again.value)
    assert error_info(again.value).metadata["service"] == "animator"


async def test_what_is_not_there_is_not_found(served: Served) -> None:
    name = "renders/" + "0" * 32
    calls: list[Awaitable[Any]] = [
        read(served.stub.WatchRender(watch(name))),
        served.stub.GetRender(render_service_pb2.GetRenderRequest(name=name)),
        served.stub.CancelRender(render_service_pb2.CancelRenderRequest(name=name)),
        served.stub.GetTrace(render_service_pb2.GetTraceRequest(name=name)),
    ]
    for call in calls:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
        assert error_info(caught.value).reason == "RENDER_NOT_FOUND"


@pytest.mark.parametrize("name", ["", "renders/", "renders/../../etc", "x" * 100, "renders/" + "A" * 32])
async def test_what_is_not_a_name_is_invalid(served: Served, name: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read(served.stub.WatchRender(watch(name)))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error_info(caught.value).reason == "FIELD_INVALID"


async def test_notices_come_in_the_stream_and_stay(stand: Stand, served: Served) -> None:
    stand.animator.notices = ("There are two faces; the largest was taken.",)
    seen = await read(served.stub.RenderVideo(video()))
    assert [(notice.code, notice.message) for notice in seen.notices] == [
        ("PORTRAIT", "There are two faces; the largest was taken.")
    ]
    again = await read(served.stub.WatchRender(watch(seen.name)))
    assert again.notices == seen.notices
    response = await served.stub.GetRender(render_service_pb2.GetRenderRequest(name=seen.name))
    assert list(response.render.notices) == seen.notices


async def test_files_are_closed_when_nobody_reads(served: Served) -> None:
    seen = await read(served.stub.RenderVideo(video(detached=True)))
    stream = served.stub.WatchRender(watch(seen.name))
    await read(stream, segments=2)
    stream.cancel()
    await until(lambda: not open_files(seen.name))


def open_files(name: str) -> list[str]:
    return [file.path for file in psutil.Process().open_files() if name.removeprefix("renders/") in file.path]
