"""The caller's deadline ends a render with our error, before the caller's own timer fires."""

import grpc
import pytest

from likeness.gateway.v1 import render_pb2, render_service_pb2
from likeness_gateway.model import RenderState
from tests.unit.gateway.conftest import Served, Stand
from tests.unit.gateway.requests import read, video
from tests.waiting import until
from tests.watched import Watched, error_info

pytestmark = pytest.mark.unit


async def test_the_error_says_what_to_do(stand: Stand, served: Served) -> None:
    stand.animator.faults.hang("batch", 10)
    call = served.stub.RenderVideo(video(20), timeout=0.6)
    seen = Watched()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read(call, seen)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    # A timer of the client's own would end the call without any details.
    assert error_info(caught.value).reason == "DEADLINE_EXCEEDED"
    assert "finish_within" in (caught.value.details() or "")
    await until(lambda: stand.idle and not stand.files() and not served.gateway.renders.live)
    response = await served.stub.GetRender(render_service_pb2.GetRenderRequest(name=seen.name))
    assert response.render.state == render_pb2.RENDER_STATE_FAILED
    assert response.render.error_reason == "DEADLINE_EXCEEDED"


async def test_a_service_that_does_not_answer_runs_into_it_too(stand: Stand) -> None:
    async with stand.serving() as served:
        stand.animator.faults.hang("open")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await read(served.stub.RenderVideo(video(), timeout=0.5))
        assert error_info(caught.value).reason == "DEADLINE_EXCEEDED"


async def test_it_does_not_bind_a_render_that_continues(stand: Stand, served: Served) -> None:
    stand.animator.faults.hang("batch", 10)
    seen = Watched()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read(served.stub.RenderVideo(video(20, detached=True), timeout=0.4), seen)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    live = served.gateway.renders.live[seen.name.removeprefix("renders/")]
    assert live.record.state is RenderState.RUNNING
    await served.stub.CancelRender(render_service_pb2.CancelRenderRequest(name=seen.name))


async def test_created_renders_outlive_the_call(stand: Stand, served: Served) -> None:
    request = render_service_pb2.CreateRenderRequest(spec=video(20).spec)
    created = await served.stub.CreateRender(request, timeout=0.3)
    live = served.gateway.renders.live[created.render.name.removeprefix("renders/")]
    assert live.expires_at is None
    await live.finished()
    assert live.record.state is RenderState.SUCCEEDED
