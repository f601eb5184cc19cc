"""One call renders a video and streams it."""

import hashlib

import pytest

from likeness.gateway.v1 import render_service_pb2
from likeness_gateway.convert.render import responses_of
from likeness_gateway.model import Quote, Receipt, StageUsage
from tests.unit.gateway.conftest import Served, Stand
from tests.unit.gateway.requests import read, video

pytestmark = pytest.mark.unit


async def test_events_come_in_order(stand: Stand, served: Served) -> None:
    seen = await read(served.stub.RenderVideo(video()))
    assert seen.order[0] == "accepted"
    assert seen.order[-1] == "receipt"
    assert seen.order.count("accepted") == seen.order.count("receipt") == 1
    assert [segment.sequence for segment in seen.segments] == list(range(len(seen.segments)))
    assert len(seen.segments) > 5
    for segment in seen.segments:
        assert hashlib.sha256(segment.data).hexdigest() == segment.sha256
    done = [progress.frames_done for progress in seen.progress]
    assert done == sorted(done)
    assert seen.progress[-1].frames_done == seen.progress[-1].frames_expected
    assert stand.idle


async def test_sound_and_pictures_are_equally_long(stand: Stand, served: Served) -> None:
    seen = await read(served.stub.RenderVideo(video(words=7)))
    composition = stand.compositor.made[0]
    assert composition.frames == -(-7 * 6100 * 25 // 24_000)
    assert composition.samples == composition.frames * 960
    spoken = bytes(composition.sound[: 7 * 6100 * 2])
    assert spoken == b"".join(bytes([word + 1, 0]) * 6100 for word in range(7))
    assert not any(composition.sound[7 * 6100 * 2 :])
    assert seen.receipt is not None
    assert seen.receipt.frame_count == composition.frames
    assert seen.receipt.video_duration.ToMilliseconds() == composition.frames * 40


async def test_the_receipt_adds_up(served: Served) -> None:
    call = served.stub.RenderVideo(video())
    seen = await read(call)
    receipt = seen.receipt
    assert receipt is not None
    assert receipt.segment_count == len(seen.segments)
    assert receipt.byte_count == len(seen.video)
    assert [stage.stage for stage in receipt.stages] == ["tts", "animator", "compositor"]
    firsts = [stage.first_output.ToMicroseconds() for stage in receipt.stages]
    assert 0 < firsts[0] <= firsts[1] <= firsts[2] == receipt.first_segment.ToMicroseconds()
    assert receipt.first_segment.ToMicroseconds() <= receipt.render_duration.ToMicroseconds()
    assert receipt.stages[1].busy.ToMicroseconds() == receipt.frame_count * 1000
    assert receipt.stages[2].busy.ToMicroseconds() == receipt.frame_count * 500
    trailers = {str(key): value for key, value in await call.trailing_metadata() or ()}
    assert trailers["render-id"] == seen.name.removeprefix("renders/")
    assert trailers["cost-micros"] == "0"


def test_a_receipt_without_video_can_be_written() -> None:
    usage = StageUsage("tts", 10, 0)
    receipt = Receipt(Quote(0, 0, 0), 0, 0, 100, 100, 0, 0, 0, 0, (usage,), "")
    (response,) = responses_of(render_service_pb2.RenderVideoResponse, receipt)
    assert response.receipt.real_time_factor == 0
    assert response.receipt.stages[0].real_time_factor == 0


async def test_the_same_request_gives_the_same_bytes(served: Served) -> None:
    first, second, other = [await read(served.stub.RenderVideo(video(seed=seed))) for seed in (1, 1, 2)]
    assert first.video == second.video
    assert first.video != other.video
    assert first.name != second.name
