"""The compositor over gRPC."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc

from likeness.compositor.v1 import compositor_service_pb2 as pb
from likeness.compositor.v1 import compositor_service_pb2_grpc
from likeness_common.clients.channel import wait_until_connected
from likeness_common.clients.duplex import DuplexCall, expect_header
from likeness_common.convert.composition import output_spec_to
from likeness_common.convert.media import audio_chunk_to, frame_batch_to
from likeness_common.convert.segments import SegmentAssembler
from likeness_common.deadline import remaining
from likeness_common.media import AudioChunk, FrameBatch, Segment
from likeness_common.stages.compositor import CompositionSession, Compositor, OutputSpec
from likeness_common.telemetry.tracing import outgoing_metadata

_SERVICE = "compositor"

_Call = DuplexCall[pb.ComposeRequest, pb.ComposeResponse]


class RemoteCompositor(Compositor):
    """The compositor service at the other end of `channel`."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel
        self._stub = compositor_service_pb2_grpc.CompositorServiceStub(channel)

    @asynccontextmanager
    async def open(self, spec: OutputSpec) -> AsyncIterator[CompositionSession]:
        """See Compositor."""
        await wait_until_connected(self._channel, _SERVICE)
        call: _Call = DuplexCall(self._stub.Compose(timeout=remaining(), metadata=outgoing_metadata()), _SERVICE)
        try:
            await call.write(pb.ComposeRequest(header=output_spec_to(spec)))
            await expect_header(call)
            yield _RemoteSession(call)
        finally:
            call.cancel()


class _RemoteSession(CompositionSession):
    def __init__(self, call: _Call) -> None:
        self._call = call

    async def push_audio(self, chunk: AudioChunk) -> None:
        await self._call.write(pb.ComposeRequest(audio=audio_chunk_to(chunk)))

    async def push_frames(self, batch: FrameBatch) -> None:
        await self._call.write(pb.ComposeRequest(frames=frame_batch_to(batch)))

    async def finish(self) -> None:
        await self._call.write(pb.ComposeRequest(finish=pb.CompositionFinish()))
        await self._call.done_writing()

    async def segments(self) -> AsyncIterator[Segment]:
        assembler = SegmentAssembler()
        async for response in self._call:
            match response.WhichOneof("payload"):
                case "segment":
                    segment = assembler.add(response.segment)
                    if segment is not None:
                        yield segment
                case "summary":
                    self.busy_us = response.summary.busy_us
