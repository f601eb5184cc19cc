"""The compositor stage over gRPC: proto in, interface call, proto out."""

import time
from collections.abc import AsyncIterator
from contextlib import aclosing

import grpc
from opentelemetry import trace

from likeness.compositor.v1 import compositor_service_pb2 as pb
from likeness.compositor.v1 import compositor_service_pb2_grpc
from likeness_common.convert.composition import output_spec_from, output_spec_to
from likeness_common.convert.media import audio_chunk_from, frame_batch_from
from likeness_common.convert.segments import segment_to_parts
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.feeding import while_feeding
from likeness_common.media import Segment, SegmentKind
from likeness_common.stages.compositor import CompositionSession, Compositor, OutputSpec
from likeness_common.telemetry import names
from likeness_common.telemetry.tracing import incoming_span

Context = grpc.aio.ServicerContext[pb.ComposeRequest, pb.ComposeResponse]
Requests = AsyncIterator[pb.ComposeRequest]


class CompositorServicer(compositor_service_pb2_grpc.CompositorServiceServicer):
    """Serves any Compositor."""

    def __init__(self, compositor: Compositor) -> None:
        self._compositor = compositor

    async def Compose(self, request_iterator: Requests, context: Context) -> AsyncIterator[pb.ComposeResponse]:
        """See CompositorService."""
        with incoming_span(names.SPAN_COMPOSE, context) as span:
            spec = await _read_header(request_iterator)
            progress = _Progress(span, spec)
            async with self._compositor.open(spec) as session:
                yield pb.ComposeResponse(header=output_spec_to(spec))
                pushing = _push_all(session, request_iterator)
                async with aclosing(while_feeding(session.segments(), pushing)) as segments:
                    async for segment in segments:
                        progress.count(segment)
                        for part in segment_to_parts(segment):
                            yield pb.ComposeResponse(segment=part)
                yield progress.summary(session.busy_us)


class _Progress:
    """Counts what is sent, and tells the trace when the first playable segment is ready."""

    def __init__(self, span: trace.Span, spec: OutputSpec) -> None:
        self._span = span
        self._started = time.monotonic()
        self._segments = self._bytes = self._frames = 0
        self._playable = False
        span.set_attributes(
            {
                names.CONTAINER: spec.container.value,
                names.WIDTH: spec.video.width,
                names.HEIGHT: spec.video.height,
                names.FPS: spec.video.fps,
            }
        )

    def count(self, segment: Segment) -> None:
        """Take note of a segment."""
        if segment.kind is not SegmentKind.INIT and not self._playable:
            self._playable = True
            milliseconds = round((time.monotonic() - self._started) * 1000, 3)
            self._span.add_event(names.EVENT_FIRST_SEGMENT, {names.MS_FROM_REQUEST: milliseconds})
        self._segments += 1
        self._bytes += len(segment.data)
        self._frames += segment.frame_count

    def summary(self, busy_us: int) -> pb.ComposeResponse:
        """The last message."""
        self._span.set_attributes(
            {
                names.SEGMENTS: self._segments,
                names.BYTES: self._bytes,
                names.FRAMES: self._frames,
                names.BUSY_MS: busy_us // 1000,
            }
        )
        summary = pb.CompositionSummary(segment_count=self._segments, byte_count=self._bytes, busy_us=busy_us)
        return pb.ComposeResponse(summary=summary)


async def _read_header(requests: Requests) -> OutputSpec:
    first = await anext(requests, None)
    if first is None or first.WhichOneof("payload") != "header":
        raise _violation("header", "it has to be the first message.")
    return output_spec_from(first.header)


async def _push_all(session: CompositionSession, requests: Requests) -> None:
    async for request in requests:
        match request.WhichOneof("payload"):
            case "frames":
                await session.push_frames(frame_batch_from(request.frames))
            case "audio":
                await session.push_audio(audio_chunk_from(request.audio))
            case "finish":
                await session.finish()
                return
            case "header":
                raise _violation("header", "it comes once, as the first message; open another stream.")
            case _:
                raise _violation("payload", "it is not set; send frames, audio or finish.")
    raise _violation("finish", "the stream ended without it; send it after the last frame.")


def _violation(field: str, message: str) -> InvalidArgument:
    return InvalidArgument(Reason.STREAM_PROTOCOL, f"{field}: {message}", field=field)
