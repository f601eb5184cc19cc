"""The animator stage over gRPC: proto in, interface call, proto out."""

import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc
from opentelemetry import trace

from likeness.animator.v1 import animator_service_pb2 as pb
from likeness.animator.v1 import animator_service_pb2_grpc
from likeness_animator.feeding import feed
from likeness_common.convert.animation import engine_to, options_from
from likeness_common.convert.media import frame_batch_to, portrait_to, video_format_to
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.feeding import while_feeding
from likeness_common.media import FrameBatch
from likeness_common.stages.animator import AnimationOptions, AnimationSession, Animator
from likeness_common.telemetry import names
from likeness_common.telemetry.tracing import incoming_span
from likeness_common.validation.portrait import join_chunks

Context = grpc.aio.ServicerContext[Any, Any]


class AnimatorServicer(animator_service_pb2_grpc.AnimatorServiceServicer):
    """Serves any Animator."""

    def __init__(self, animator: Animator) -> None:
        self._animator = animator

    async def ListEngines(self, request: pb.ListEnginesRequest, context: Context) -> pb.ListEnginesResponse:
        """See AnimatorService."""
        del request, context
        return pb.ListEnginesResponse(engines=[engine_to(engine) for engine in await self._animator.engines()])

    async def UploadPortrait(
        self, request_iterator: AsyncIterator[pb.UploadPortraitRequest], context: Context
    ) -> pb.UploadPortraitResponse:
        """See AnimatorService."""
        with incoming_span(names.SPAN_PORTRAIT, context) as span:
            image = await join_chunks(request.chunk.data async for request in request_iterator)
            span.set_attribute(names.BYTES, len(image))
            return pb.UploadPortraitResponse(portrait=portrait_to(await self._animator.upload_portrait(image)))

    async def GetPortrait(self, request: pb.GetPortraitRequest, context: Context) -> pb.GetPortraitResponse:
        """See AnimatorService."""
        del context
        return pb.GetPortraitResponse(portrait=portrait_to(await self._animator.get_portrait(request.portrait_id)))

    async def Animate(
        self, request_iterator: AsyncIterator[pb.AnimateRequest], context: Context
    ) -> AsyncIterator[pb.AnimateResponse]:
        """See AnimatorService."""
        requests = aiter(request_iterator)
        header = await _header(requests)
        options = options_from(header)
        with incoming_span(names.SPAN_ANIMATE, context) as span:
            async with self._animator.open(header.portrait_id, options) as session:
                progress = _Progress(span, options, session)
                yield progress.ready()
                async with aclosing(while_feeding(session.frames(), feed(requests, session))) as batches:
                    async for batch in batches:
                        yield progress.frames(batch)
                yield progress.summary()


class _Progress:
    """Counts what is sent, and tells the trace when frames begin."""

    def __init__(self, span: trace.Span, options: AnimationOptions, session: AnimationSession) -> None:
        self._span = span
        self._engine = options.engine
        self._session = session
        self._started = time.monotonic()
        self._frames = 0
        video = session.video
        span.set_attributes({names.WIDTH: video.width, names.HEIGHT: video.height, names.FPS: video.fps})
        span.set_attribute(names.ENGINE, options.engine)

    def ready(self) -> pb.AnimateResponse:
        """The first message."""
        ready = pb.AnimationReady(
            video=video_format_to(self._session.video), engine=self._engine, first_frame=self._session.first_frame
        )
        return pb.AnimateResponse(header=ready)

    def frames(self, batch: FrameBatch) -> pb.AnimateResponse:
        """The message for a batch."""
        if self._frames == 0:
            milliseconds = round((time.monotonic() - self._started) * 1000, 3)
            self._span.add_event(names.EVENT_FIRST_FRAME, {names.MS_FROM_REQUEST: milliseconds})
        self._frames += batch.count
        return pb.AnimateResponse(frames=frame_batch_to(batch))

    def summary(self) -> pb.AnimateResponse:
        """The last message."""
        busy_us = self._session.busy_us
        self._span.set_attributes({names.FRAMES: self._frames, names.BUSY_MS: busy_us // 1000})
        return pb.AnimateResponse(summary=pb.AnimationSummary(frame_count=self._frames, busy_us=busy_us))


async def _header(requests: AsyncIterator[pb.AnimateRequest]) -> pb.AnimationHeader:
    """The first message. Raises InvalidArgument when it is anything but a header."""
    first = await anext(requests, None)
    if first is None or first.WhichOneof("payload") != "header":
        raise InvalidArgument(
            Reason.STREAM_PROTOCOL, "the stream did not begin with a header; send it first", field="header"
        )
    return first.header
