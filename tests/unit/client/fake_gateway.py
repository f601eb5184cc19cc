"""A gateway that renders nothing: it sends prepared segments, and breaks where a test wants it to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import grpc
from google.protobuf import duration_pb2

from likeness.animator.v1 import engine_pb2
from likeness.gateway.v1 import render_pb2, render_service_pb2, render_service_pb2_grpc, tier_pb2, trace_pb2
from likeness.media.v1 import money_pb2, portrait_pb2
from likeness.tts.v1 import voice_pb2
from likeness_common.convert.segments import segment_to_parts
from likeness_common.errors import LikenessError, NotFound, Reason
from likeness_common.grpc_errors import ErrorInterceptor
from likeness_common.media import Segment, SegmentKind, portrait_id

NAME = "renders/0123456789abcdef0123456789abcdef"
FRAMES_PER_SEGMENT = 10
FPS = 25


def make_segments(count: int = 6, size: int = 1000) -> list[Segment]:
    """An init segment, then media segments of different bytes; the third takes three messages."""
    segments = [Segment.of(0, SegmentKind.INIT, b"init" * 25)]
    for index in range(1, count):
        data = bytes([index]) * (600_000 if index == 2 else size)
        placed = Segment.of(index, SegmentKind.MEDIA, data).at(
            (index - 1) * FRAMES_PER_SEGMENT, FRAMES_PER_SEGMENT, FPS
        )
        segments.append(placed)
    return segments


def corrupted(segment: Segment) -> Segment:
    """The same segment with one bit turned over and the hash of before."""
    return replace(segment, data=bytes([segment.data[0] ^ 1]) + segment.data[1:])


@dataclass
class FakeGateway(render_service_pb2_grpc.RenderServiceServicer):
    """Sends `segments`. `drops` says after how many of them each stream breaks, one entry a stream, in turn."""

    segments: list[Segment] = field(default_factory=make_segments)
    drops: list[int] = field(default_factory=list)
    error: LikenessError | None = None
    pause_s: float = 0.0
    calls: list[str] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)
    uploaded: bytes = b""
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    receipt: bool = True
    early_progress: bool = False
    """Whether every frame is done before the first segment, as in files that are sent when done."""

    @property
    def video(self) -> bytes:
        return b"".join(segment.data for segment in self.segments)

    async def RenderVideo(self, request: Any, context: Any) -> AsyncIterator[Any]:
        self.calls.append("render")
        self.requests.append(request)
        async for response in self._stream(render_service_pb2.RenderVideoResponse, 0, context):
            yield response

    async def WatchRender(self, request: Any, context: Any) -> AsyncIterator[Any]:
        start = request.after_sequence + 1 if request.HasField("after_sequence") else 0
        self.calls.append(f"watch {start}")
        async for response in self._stream(render_service_pb2.WatchRenderResponse, start, context):
            yield response

    async def _stream(self, response: Any, start: int, context: Any) -> AsyncIterator[Any]:
        if self.error is not None:
            raise self.error
        drop = self.drops.pop(0) if self.drops else None
        if drop == -1:
            await self._drop(context)
        yield response(accepted=_accepted())
        yield response(notice=render_pb2.Notice(code="PORTRAIT", message="Two faces: the larger one speaks."))
        if self.early_progress:
            frames = FRAMES_PER_SEGMENT * (len(self.segments) - 1)
            yield response(progress=_progress(frames, frames))
        for sent, segment in enumerate(self.segments[start:]):
            if sent == drop:
                await self._drop(context)
            for part in segment_to_parts(segment):
                yield response(segment=part)
            done = max(0, (start + sent) * FRAMES_PER_SEGMENT)
            yield response(progress=_progress(done, FRAMES_PER_SEGMENT * (len(self.segments) - 1)))
            await asyncio.sleep(self.pause_s)
        if drop == len(self.segments) - start:
            await self._drop(context)
        if self.receipt:
            yield response(receipt=_receipt(self.segments))

    async def _drop(self, context: Any) -> None:
        """What a client sees of a connection that breaks: a status without our details."""
        await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")

    async def CancelRender(self, request: Any, context: Any) -> Any:
        self.calls.append(f"cancel {request.name}")
        self.cancelled.set()
        return render_service_pb2.CancelRenderResponse(render=_render(render_pb2.RENDER_STATE_CANCELLED))

    async def CreateRender(self, request: Any, context: Any) -> Any:
        self.requests.append(request)
        return render_service_pb2.CreateRenderResponse(render=_render(render_pb2.RENDER_STATE_QUEUED))

    async def GetRender(self, request: Any, context: Any) -> Any:
        if request.name != NAME:
            raise NotFound(Reason.RENDER_NOT_FOUND, f"there is no render {request.name}", field="name")
        return render_service_pb2.GetRenderResponse(render=_render(render_pb2.RENDER_STATE_SUCCEEDED))

    async def ListRenders(self, request: Any, context: Any) -> Any:
        page = int(request.page_token or 0)
        renders = [_render(render_pb2.RENDER_STATE_RUNNING, f"renders/{page:032x}")]
        return render_service_pb2.ListRendersResponse(
            renders=renders, next_page_token=str(page + 1) if page < 2 else ""
        )

    async def EstimateRender(self, request: Any, context: Any) -> Any:
        if self.error is not None:
            raise self.error
        draft = tier_pb2.TierInfo(tier=render_pb2.TIER_DRAFT, description="Quick.", engine="mesh", available=True)
        premium = tier_pb2.TierInfo(tier=render_pb2.TIER_PREMIUM, unavailable_reason="rent a GPU")
        return render_service_pb2.EstimateRenderResponse(
            speech=tier_pb2.SpeechEstimate(characters=len(request.spec.script.text), duration=_duration(2.0)),
            tiers=[
                tier_pb2.TierEstimate(tier=draft, plan=_plan(), quote=_quote()),
                tier_pb2.TierEstimate(tier=premium),
            ],
            comparisons=[
                tier_pb2.ComparisonPrice(
                    service="Example Studio", cost=_cost(120_000), as_of="2026-10", source="https://example.com/prices"
                )
            ],
        )

    async def UploadPortrait(self, request_iterator: Any, context: Any) -> Any:
        self.calls.append("upload")
        if self.error is not None:
            raise self.error
        self.uploaded = b"".join([request.chunk.data async for request in request_iterator])
        portrait = portrait_pb2.Portrait(id=portrait_id(self.uploaded), width=640, height=480)
        return render_service_pb2.UploadPortraitResponse(portrait=portrait)

    async def ListTiers(self, request: Any, context: Any) -> Any:
        draft = tier_pb2.TierInfo(tier=render_pb2.TIER_DRAFT, description="Quick.", engine="mesh", available=True)
        return render_service_pb2.ListTiersResponse(tiers=[draft])

    async def ListEngines(self, request: Any, context: Any) -> Any:
        ready = engine_pb2.Engine(name="mesh", description="Warps a mesh.", available=True, code_licence="Apache-2.0")
        missing = engine_pb2.Engine(
            name="big", unavailable_reason="pull its weights", code_licence="MIT", commercial_restriction="ask somebody"
        )
        return render_service_pb2.ListEnginesResponse(engines=[ready, missing])

    async def ListVoices(self, request: Any, context: Any) -> Any:
        voice = voice_pb2.Voice(name="espeak", languages=["en-us", "de"], marks=True, licence="GPL-3.0-or-later")
        return render_service_pb2.ListVoicesResponse(voices=[voice])

    async def GetTrace(self, request: Any, context: Any) -> Any:
        return render_service_pb2.GetTraceResponse(trace=make_trace())


def make_trace() -> trace_pb2.Trace:
    """A render of 1000 ms with one child of another service that takes its second half."""
    trace = trace_pb2.Trace(trace_id="f" * 32, render=NAME)
    root = trace.spans.add(span_id="a" * 16, name="render", service="likeness-gateway")
    root.start_time.FromMilliseconds(5000)
    root.end_time.FromMilliseconds(6000)
    event = root.events.add(name="first_segment", attributes={"likeness.ms_from_request": "250"})
    event.time.FromMilliseconds(5250)
    child = trace.spans.add(span_id="b" * 16, parent_span_id="a" * 16, name="compose", service="likeness-compositor")
    child.start_time.FromMilliseconds(5500)
    child.end_time.FromMilliseconds(6000)
    child.failed = True
    return trace


def _plan() -> render_pb2.Plan:
    return render_pb2.Plan(tier=render_pb2.TIER_DRAFT, pool="local", engine="mesh", voice="espeak")


def _quote() -> render_pb2.Quote:
    return render_pb2.Quote(cost=_cost(0), video_duration=_duration(2.0), render_duration=_duration(0.5))


def _accepted() -> render_service_pb2.Accepted:
    return render_service_pb2.Accepted(render=NAME, plan=_plan(), quote=_quote())


def _progress(done: int, expected: int) -> render_service_pb2.Progress:
    return render_service_pb2.Progress(frames_done=done, frames_expected=expected, elapsed=_duration(0.4))


def _receipt(segments: list[Segment]) -> render_pb2.Receipt:
    usage = render_pb2.StageUsage(
        stage="animator", busy=_duration(0.4), real_time_factor=0.2, first_output=_duration(0.08), cost=_cost(0)
    )
    return render_pb2.Receipt(
        quoted=_quote(),
        cost=_cost(0),
        video_duration=_duration(4.0),
        render_duration=_duration(0.5),
        first_segment=_duration(0.25),
        real_time_factor=0.25,
        frame_count=50,
        segment_count=len(segments),
        byte_count=sum(len(segment.data) for segment in segments),
        stages=[usage],
        trace_id="f" * 32,
    )


def _render(state: render_pb2.RenderState.ValueType, name: str = NAME) -> render_pb2.Render:
    render = render_pb2.Render(name=name, state=state, plan=_plan(), quote=_quote(), segment_count=3)
    render.create_time.FromMilliseconds(1_790_000_000_000)
    return render


def _cost(micros: int) -> money_pb2.Cost:
    return money_pb2.Cost(micros=micros, currency_code="USD")


def _duration(seconds: float) -> duration_pb2.Duration:
    duration = duration_pb2.Duration()
    duration.FromMicroseconds(round(seconds * 1e6))
    return duration


@asynccontextmanager
async def serving(fake: FakeGateway) -> AsyncIterator[str]:
    """Serve `fake` on a free port; yields its address."""
    server = grpc.aio.server(interceptors=[ErrorInterceptor()])
    render_service_pb2_grpc.add_RenderServiceServicer_to_server(fake, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(0)
