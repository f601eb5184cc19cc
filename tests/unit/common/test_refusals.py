"""A server that refuses while much is still to be sent is heard, whichever way gRPC learns of it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from likeness.animator.v1 import animator_service_pb2 as pb
from likeness.animator.v1 import animator_service_pb2_grpc
from likeness_common.clients import RemoteAnimator, open_channel
from likeness_common.clients.duplex import DuplexCall
from likeness_common.errors import InvalidArgument, LikenessError, Reason, ResourceExhausted, Unavailable
from likeness_common.grpc_errors import ErrorInterceptor
from likeness_common.media import AudioChunk, VideoFormat
from likeness_common.stages.animator import AnimationOptions, AnimationSession

pytestmark = pytest.mark.unit

TRIES = 200
"""What a caller sees of an early end depends on a race, so that once is not enough."""

BUSY = ResourceExhausted(Reason.SERVER_BUSY, "come back", retry_after_s=1.5)
TOO_LARGE = InvalidArgument(Reason.IMAGE_TOO_LARGE, "send a smaller one", field="chunk.data")
OPTIONS = AnimationOptions(VideoFormat(64, 64, 25))
AUDIO_BYTES = 20_000


class _Refusing(animator_service_pb2_grpc.AnimatorServiceServicer):
    """Reads as many requests as it is told, then raises `error`, or ends well where there is none."""

    def __init__(self, reads: int, error: LikenessError | None) -> None:
        self.reads = reads
        self.error = error

    async def UploadPortrait(self, request_iterator: AsyncIterator[Any], context: Any) -> Any:
        await self._end(request_iterator)
        return pb.UploadPortraitResponse()

    async def Animate(self, request_iterator: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        yield pb.AnimateResponse(header=pb.AnimationReady())
        await self._end(request_iterator)

    async def _end(self, requests: AsyncIterator[Any]) -> None:
        for _ in range(self.reads):
            await anext(requests)
        if self.error is not None:
            raise self.error


@pytest.fixture
async def serve() -> AsyncIterator[Any]:
    started = []

    async def start(reads: int, error: LikenessError | None) -> grpc.aio.Channel:
        server = grpc.aio.server(interceptors=[ErrorInterceptor()])
        refusing = _Refusing(reads, error)  # type: ignore[abstract]  # the other methods are not called
        animator_service_pb2_grpc.add_AnimatorServiceServicer_to_server(refusing, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        channel = open_channel(f"127.0.0.1:{port}")
        started.append((server, channel))
        return channel

    yield start
    for server, channel in started:
        await channel.close()
        await server.stop(0)


def _same(heard: LikenessError, said: LikenessError) -> bool:
    return type(heard) is type(said) and all(
        getattr(heard, name) == getattr(said, name) for name in ("reason", "message", "field", "retry_after_s")
    )


async def _push(session: AnimationSession) -> None:
    """Send for as long as it is taken."""
    for index in range(10_000):
        await session.push(AudioChunk(index, index * AUDIO_BYTES // 2, bytes(AUDIO_BYTES)))


async def _drain(session: AnimationSession) -> None:
    async for _ in session.frames():
        pass


@pytest.mark.parametrize("reads", [0, 2])
async def test_an_upload_hears_why_it_is_refused(serve, reads: int) -> None:
    animator = RemoteAnimator(await serve(reads, TOO_LARGE))
    for _ in range(TRIES):
        with pytest.raises(LikenessError) as caught:
            await animator.upload_portrait(bytes(3 * 1024 * 1024))
        assert _same(caught.value, TOO_LARGE)


@pytest.mark.parametrize("reads", [1, 5])
async def test_a_session_hears_why_it_is_refused(serve, reads: int) -> None:
    animator = RemoteAnimator(await serve(reads, BUSY))
    for _ in range(TRIES):
        async with animator.open("0" * 64, OPTIONS) as session:
            with pytest.raises(LikenessError) as caught:
                await _push(session)
        assert _same(caught.value, BUSY)


async def test_who_reads_and_who_writes_hear_the_same(serve) -> None:
    animator = RemoteAnimator(await serve(3, BUSY))

    for _ in range(TRIES):
        async with animator.open("0" * 64, OPTIONS) as session:
            heard = await asyncio.gather(_push(session), _drain(session), return_exceptions=True)
        assert all(isinstance(error, LikenessError) and _same(error, BUSY) for error in heard)


async def test_an_answer_before_everything_is_sent_is_no_answer(serve) -> None:
    with pytest.raises(Unavailable, match="ended the call early"):
        await RemoteAnimator(await serve(1, None)).upload_portrait(bytes(16 * 1024 * 1024))


async def test_writing_to_a_call_that_ended_well_is_an_error_and_reading_it_is_not(serve) -> None:
    stub = animator_service_pb2_grpc.AnimatorServiceStub(await serve(0, None))
    call: DuplexCall[pb.AnimateRequest, pb.AnimateResponse] = DuplexCall(stub.Animate(), "animator")
    responses = [response async for response in call]
    assert [response.WhichOneof("payload") for response in responses] == ["header"]
    with pytest.raises(Unavailable, match="ended the call early") as caught:
        await call.write(pb.AnimateRequest())
    assert caught.value.reason is Reason.SERVICE_UNREACHABLE
    await call.done_writing()
    assert await call.read() is None
