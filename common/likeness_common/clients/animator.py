"""The animator over gRPC."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import grpc

from likeness.animator.v1 import animator_service_pb2 as pb
from likeness.animator.v1 import animator_service_pb2_grpc
from likeness.media.v1 import portrait_pb2
from likeness_common.clients.channel import rpc_errors, wait_until_connected
from likeness_common.clients.duplex import DuplexCall, expect_header
from likeness_common.clients.upload import pieces, upload
from likeness_common.convert.animation import engine_from, options_to
from likeness_common.convert.media import (
    audio_chunk_to,
    frame_batch_from,
    mark_to,
    portrait_from,
    video_format_from,
)
from likeness_common.deadline import remaining
from likeness_common.media import AudioChunk, FrameBatch, Mark, Portrait
from likeness_common.stages.animator import AnimationOptions, AnimationSession, Animator, EngineInfo
from likeness_common.telemetry.tracing import outgoing_metadata

_SERVICE = "animator"

_Call = DuplexCall[pb.AnimateRequest, pb.AnimateResponse]


class RemoteAnimator(Animator):
    """The animator service at the other end of `channel`."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel
        self._stub = animator_service_pb2_grpc.AnimatorServiceStub(channel)

    async def engines(self) -> Sequence[EngineInfo]:
        """See Animator."""
        await wait_until_connected(self._channel, _SERVICE)
        with rpc_errors(_SERVICE):
            response = await self._stub.ListEngines(pb.ListEnginesRequest(), timeout=remaining())
        return [engine_from(engine) for engine in response.engines]

    async def upload_portrait(self, image: bytes) -> Portrait:
        """See Animator."""
        await wait_until_connected(self._channel, _SERVICE)
        requests = (pb.UploadPortraitRequest(chunk=portrait_pb2.PortraitChunk(data=data)) for data in pieces(image))
        call = self._stub.UploadPortrait(timeout=remaining(), metadata=outgoing_metadata())
        response: pb.UploadPortraitResponse = await upload(call, requests, _SERVICE)
        return portrait_from(response.portrait)

    async def get_portrait(self, portrait_id: str) -> Portrait:
        """See Animator."""
        await wait_until_connected(self._channel, _SERVICE)
        with rpc_errors(_SERVICE):
            response = await self._stub.GetPortrait(
                pb.GetPortraitRequest(portrait_id=portrait_id), timeout=remaining(), metadata=outgoing_metadata()
            )
        return portrait_from(response.portrait)

    @asynccontextmanager
    async def open(self, portrait_id: str, options: AnimationOptions) -> AsyncIterator[AnimationSession]:
        """See Animator."""
        await wait_until_connected(self._channel, _SERVICE)
        call: _Call = DuplexCall(self._stub.Animate(timeout=remaining(), metadata=outgoing_metadata()), _SERVICE)
        try:
            await call.write(pb.AnimateRequest(header=options_to(portrait_id, options)))
            ready = await expect_header(call)
            yield _RemoteSession(call, ready.header)
        finally:
            call.cancel()


class _RemoteSession(AnimationSession):
    def __init__(self, call: _Call, ready: pb.AnimationReady) -> None:
        self._call = call
        self.video = video_format_from(ready.video)
        self.first_frame = ready.first_frame

    async def push(self, event: AudioChunk | Mark) -> None:
        if isinstance(event, Mark):
            await self._call.write(pb.AnimateRequest(mark=mark_to(event)))
        else:
            await self._call.write(pb.AnimateRequest(audio=audio_chunk_to(event)))

    async def finish(self) -> None:
        await self._call.write(pb.AnimateRequest(finish=pb.AnimationFinish()))
        await self._call.done_writing()

    async def frames(self) -> AsyncIterator[FrameBatch]:
        async for response in self._call:
            match response.WhichOneof("payload"):
                case "frames":
                    yield frame_batch_from(response.frames)
                case "summary":
                    self.busy_us = response.summary.busy_us
