"""Renders whose speech exists already. To the fake speech every byte of a file is 6100 samples."""

import sqlite3
import uuid
from typing import Any

import grpc
import pytest

from likeness.gateway.v1 import render_pb2, render_service_pb2
from likeness.media.v1 import acting_pb2
from likeness.tts.v1 import voice_pb2
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import Acting, Expression
from likeness_common.stages.animator import AnimationOptions
from tests.fakes.speech import SAMPLES_PER_WORD
from tests.unit.gateway.conftest import Served, Stand
from tests.unit.gateway.requests import order, read, video, watch
from tests.waiting import until
from tests.watched import error_info, field_of

pytestmark = pytest.mark.unit

FILE = b"a recording nobody else may hear"
SAMPLES = len(FILE) * SAMPLES_PER_WORD


def recorded(file: bytes = FILE) -> dict[str, Any]:
    return {"script": None, "recording": voice_pb2.Recording(file=file)}


def stored(stand: Stand) -> bytes:
    """Everything that the database's files hold."""
    return b"".join(path.read_bytes() for path in stand.data.glob("gateway.sqlite*"))


async def test_a_recording_is_rendered_to_its_end(stand: Stand, served: Served) -> None:
    seen = await read(served.stub.RenderVideo(video(**recorded())))
    assert seen.accepted is not None
    assert seen.accepted.plan.voice == ""
    assert seen.accepted.quote.cost.micros == 0
    assert seen.accepted.quote.video_duration.ToMicroseconds() == SAMPLES * 1_000_000 // 24_000
    assert seen.receipt is not None
    assert seen.receipt.frame_count == -(-SAMPLES * 25 // 24_000)
    assert stand.idle


async def test_an_estimate_knows_the_length(served: Served) -> None:
    spec = render_pb2.RenderSpec(recording=voice_pb2.Recording(file=FILE))
    found = await served.stub.EstimateRender(render_service_pb2.EstimateRenderRequest(spec=spec))
    assert found.speech.characters == 0
    assert found.speech.duration.ToMicroseconds() == SAMPLES * 1_000_000 // 24_000
    assert found.tiers[0].quote.video_duration == found.speech.duration
    assert found.comparisons[0].cost.micros > 0


@pytest.mark.parametrize("method", ["RenderVideo", "CreateRender", "EstimateRender"])
async def test_what_cannot_be_played_is_refused_before_anything_starts(stand: Stand, method: str) -> None:
    bad = InvalidArgument(Reason.RECORDING_UNREADABLE, "recording.file is damaged", field="recording.file")
    stand.speech.faults.fail("measure", bad)
    async with stand.serving() as served:
        call = getattr(served.stub, method)(
            getattr(render_service_pb2, f"{method}Request")(spec=video(**recorded()).spec)
        )
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await (read(call) if method == "RenderVideo" else call)
        assert error_info(caught.value).reason == "RECORDING_UNREADABLE"
        assert field_of(caught.value) == "spec.recording.file"
        assert str(caught.value.details()).startswith("spec.recording.file is damaged")
        assert not served.gateway.renders.live


async def test_one_longer_than_this_server_makes_is_refused(stand: Stand) -> None:
    async with stand.serving(max_video_s=2) as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await read(served.stub.RenderVideo(video(**recorded())))
    assert error_info(caught.value).reason == "FIELD_OUT_OF_RANGE"
    assert field_of(caught.value) == "spec.recording.file"


async def test_another_recording_is_another_request(served: Served) -> None:
    request_id = str(uuid.uuid4())
    first = await read(served.stub.RenderVideo(video(request_id=request_id, **recorded())))
    again = await read(served.stub.RenderVideo(video(request_id=request_id, **recorded())))
    assert (again.name, again.video) == (first.name, first.video)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read(served.stub.RenderVideo(video(request_id=request_id, **recorded(FILE[1:]))))
    assert error_info(caught.value).reason == "REQUEST_ID_REUSED"


async def test_an_interrupted_render_is_made_again_and_then_forgotten(stand: Stand) -> None:
    stand.animator.faults.hang("batch", 20)
    async with stand.gateway() as gateway:
        render = await gateway.renders.start(order(detached=True, **recorded()))
        await until(lambda: "batch" in stand.animator.faults.waiting)
        before = [(await render.log.read(sequence)).data for sequence in range(render.log.count)]
    assert FILE in stored(stand)
    stand.animator.faults.clear()
    async with stand.serving() as served:
        whole = await read(served.stub.WatchRender(watch(f"renders/{render.record.id}")))
        listed = await served.stub.ListRenders(render_service_pb2.ListRendersRequest())
    assert len(listed.renders) == 1
    assert before
    assert whole.video.startswith(b"".join(before))
    assert whole.receipt is not None
    assert whole.receipt.frame_count == -(-SAMPLES * 25 // 24_000)
    with sqlite3.connect(stand.data / "gateway.sqlite") as connection:
        assert connection.execute("SELECT COUNT(*) FROM recordings").fetchone() == (0,)
    connection.close()
    assert FILE not in stored(stand)


async def test_the_animator_is_told_how_to_act(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[AnimationOptions] = []
    opening = stand.animator.open

    def noted(portrait_id: str, options: AnimationOptions) -> Any:
        seen.append(options)
        return opening(portrait_id, options)

    monkeypatch.setattr(stand.animator, "open", noted)
    acting = acting_pb2.Acting(expression=acting_pb2.EXPRESSION_WARM, intensity=0.5, eye_contact=True)
    async with stand.serving() as served:
        await read(served.stub.RenderVideo(video(acting=acting)))
        await read(served.stub.RenderVideo(video()))
    assert [options.acting for options in seen] == [Acting(Expression.WARM, 0.5, True), Acting()]
