"""The animator over real gRPC, with a fake engine."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import numpy as np
import pytest
from numpy.typing import NDArray

from likeness.animator.v1 import animator_service_pb2 as pb
from likeness.animator.v1 import animator_service_pb2_grpc
from likeness.media.v1 import acting_pb2, audio_pb2, portrait_pb2, timing_pb2, video_pb2
from likeness_animator.local import LocalAnimator
from likeness_animator.registry import Entry
from likeness_animator.servicer import AnimatorServicer
from likeness_common.clients.animator import RemoteAnimator
from likeness_common.convert.animation import options_from, options_to
from likeness_common.errors import InvalidArgument, LikenessError, NotFound, Reason
from likeness_common.grpc_errors import ErrorInterceptor, from_rpc_error
from likeness_common.media import Acting, AudioChunk, Expression, VideoFormat
from likeness_common.stages.animator import AnimationOptions
from likeness_common.weights import WeightStore

if TYPE_CHECKING:
    from likeness.animator.v1.animator_service_pb2_grpc import AnimatorServiceAsyncStub as Stub

pytestmark = pytest.mark.unit

VIDEO = VideoFormat(64, 64)
AUDIO = pb.AnimateRequest(audio=audio_pb2.AudioChunk(pcm=bytes(2 * 960 * 3)))
MARK = pb.AnimateRequest(mark=timing_pb2.Mark(kind=timing_pb2.MARK_KIND_WORD, end_sample=960, value="word"))
FINISH = pb.AnimateRequest(finish=pb.AnimationFinish())
SECOND_HEADER = pb.AnimateRequest(header=pb.AnimationHeader(engine="fake"))
EMPTY = pb.AnimateRequest()


@pytest.fixture
async def channel(weights: WeightStore, tmp_path: Path) -> AsyncIterator[grpc.aio.Channel]:
    server = grpc.aio.server(interceptors=[ErrorInterceptor()])
    animator = LocalAnimator(weights, engines={"fake": Entry("tests.fakes.engines:FakeEngine")})
    animator_service_pb2_grpc.add_AnimatorServiceServicer_to_server(AnimatorServicer(animator), server)
    address = f"unix:{tmp_path}/animator.sock"
    server.add_insecure_port(address)
    await server.start()
    async with grpc.aio.insecure_channel(address) as opened:
        yield opened
    await server.stop(0)


@pytest.fixture
def stub(channel: grpc.aio.Channel) -> "Stub":
    return animator_service_pb2_grpc.AnimatorServiceStub(channel)


@pytest.fixture(scope="module")
def photo(astronaut: NDArray[np.uint8], encode: Callable[..., bytes]) -> bytes:
    return encode(astronaut, "PNG")


@pytest.fixture
async def header(channel: grpc.aio.Channel, photo: bytes) -> pb.AnimateRequest:
    portrait = await RemoteAnimator(channel).upload_portrait(photo)
    video = video_pb2.VideoFormat(width=64, height=64)
    return pb.AnimateRequest(header=pb.AnimationHeader(portrait_id=portrait.id, engine="fake", video=video))


async def refusal(call: grpc.aio.StreamStreamCall[Any, Any]) -> LikenessError:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        _ = [response async for response in call]
    return from_rpc_error(raised.value, "animator")


async def test_engines_are_listed(channel: grpc.aio.Channel) -> None:
    engines = await RemoteAnimator(channel).engines()
    assert [engine.name for engine in engines] == ["fake"]
    assert engines[0].available


async def test_a_photo_is_uploaded_in_pieces_and_found_again(channel: grpc.aio.Channel, photo: bytes) -> None:
    remote = RemoteAnimator(channel)
    portrait = await remote.upload_portrait(photo)
    assert await remote.get_portrait(portrait.id) == portrait
    assert abs(portrait.face.width - 94) < 5


async def test_an_unknown_portrait_is_not_found(channel: grpc.aio.Channel) -> None:
    with pytest.raises(NotFound) as raised:
        await RemoteAnimator(channel).get_portrait("0" * 64)
    assert raised.value.reason is Reason.PORTRAIT_NOT_FOUND


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        ([], Reason.FIELD_MISSING),
        ([0, 0], Reason.FIELD_MISSING),
        ([1024 * 1024 + 1], Reason.FIELD_OUT_OF_RANGE),
        ([1024 * 1024] * 21, Reason.IMAGE_TOO_LARGE),
    ],
)
async def test_bad_uploads_are_refused(stub: "Stub", sizes: list[int], reason: Reason) -> None:
    chunks = (pb.UploadPortraitRequest(chunk=portrait_pb2.PortraitChunk(data=bytes(size))) for size in sizes)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.UploadPortrait(chunks)
    error = from_rpc_error(raised.value, "animator")
    assert isinstance(error, InvalidArgument)
    assert error.reason is reason


async def test_header_first_and_summary_last(stub: "Stub", header: pb.AnimateRequest) -> None:
    responses = [response async for response in stub.Animate(iter([header, MARK, AUDIO, FINISH]))]
    assert [response.WhichOneof("payload") for response in responses] == ["header", *["frames"] * 3, "summary"]
    ready, summary = responses[0].header, responses[-1].summary
    assert (ready.engine, ready.first_frame) == ("fake", 0)
    assert (ready.video.width, ready.video.height, ready.video.fps) == (64, 64, 25)
    assert ready.video.pixel_format == video_pb2.PIXEL_FORMAT_I420
    assert summary.frame_count == 3
    assert summary.busy_us > 0


@pytest.mark.parametrize(
    ("field", "rest"),
    [
        ("header", [AUDIO, SECOND_HEADER]),
        ("payload", [EMPTY]),
        ("finish", [AUDIO]),
        ("audio", [AUDIO, AUDIO]),
    ],
)
async def test_streams_out_of_order_are_refused(
    stub: "Stub", header: pb.AnimateRequest, field: str, rest: list[pb.AnimateRequest]
) -> None:
    error = await refusal(stub.Animate(iter([header, *rest])))
    assert (error.field, error.reason) == (field, Reason.STREAM_PROTOCOL)


@pytest.mark.parametrize("requests", [[], [AUDIO], [FINISH]])
async def test_a_stream_without_a_header_is_refused(stub: "Stub", requests: list[pb.AnimateRequest]) -> None:
    error = await refusal(stub.Animate(iter(requests)))
    assert (error.field, error.reason) == ("header", Reason.STREAM_PROTOCOL)


async def test_refusals_come_before_the_header(stub: "Stub", header: pb.AnimateRequest) -> None:
    header.header.video.width = 63
    error = await refusal(stub.Animate(_unfinished([header])))  # gRPC may lose a refusal while it still writes
    assert (error.field, error.reason) == ("video.width", Reason.FIELD_OUT_OF_RANGE)


@pytest.mark.parametrize(
    ("acting", "field", "reason"),
    [
        (acting_pb2.Acting(intensity=2.5), "acting.intensity", Reason.FIELD_OUT_OF_RANGE),
        (acting_pb2.Acting(intensity=float("nan")), "acting.intensity", Reason.FIELD_OUT_OF_RANGE),
        (acting_pb2.Acting(expression=9), "acting.expression", Reason.FIELD_INVALID),  # type: ignore[arg-type]  # unknown
    ],
)
async def test_acting_out_of_range_is_refused(
    stub: "Stub", header: pb.AnimateRequest, acting: acting_pb2.Acting, field: str, reason: Reason
) -> None:
    header.header.acting.CopyFrom(acting)
    error = await refusal(stub.Animate(_unfinished([header])))
    assert (error.field, error.reason) == (field, reason)
    assert error.message.startswith(field)


def test_acting_survives_the_wire() -> None:
    options = AnimationOptions(VIDEO, acting=Acting(Expression.EXCITED, 0.0, True))
    assert options_from(options_to("0" * 64, options)).acting == options.acting
    assert options_from(pb.AnimationHeader()).acting == Acting(Expression.NEUTRAL, 1.0, False)


async def test_remote_and_local_draw_the_same(channel: grpc.aio.Channel, weights: WeightStore, photo: bytes) -> None:
    remote = RemoteAnimator(channel)
    local = LocalAnimator(weights, engines={"fake": Entry("tests.fakes.engines:FakeEngine")})
    rendered = []
    for animator in (remote, local):
        portrait = await animator.upload_portrait(photo)
        async with animator.open(portrait.id, AnimationOptions(VIDEO, engine="fake", seed=5)) as session:
            await session.push(AudioChunk(0, 0, bytes(range(256)) * 40))
            await session.finish()
            rendered.append([batch async for batch in session.frames()])
            assert session.busy_us > 0
    assert rendered[0] == rendered[1]


async def test_cancelling_a_call_stops_its_thread(
    stub: "Stub", header: pb.AnimateRequest, caplog: pytest.LogCaptureFixture
) -> None:
    call = stub.Animate(_unfinished([header, AUDIO]))
    assert (await anext(aiter(call))).HasField("header")
    assert _drawing()
    call.cancel()
    async with asyncio.timeout(10):
        while _drawing():  # noqa: ASYNC110 - threads are watched, which set no asyncio.Event
            await asyncio.sleep(0.01)
    assert not caplog.records


def _drawing() -> bool:
    return any(thread.name == "animate-fake" for thread in threading.enumerate())


async def _unfinished(requests: Iterable[pb.AnimateRequest]) -> AsyncIterator[pb.AnimateRequest]:
    """Requests of a caller who then goes silent."""
    for request in requests:
        yield request
    await asyncio.Event().wait()
