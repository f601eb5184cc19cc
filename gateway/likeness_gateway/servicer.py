"""RenderService over gRPC: protobuf in, the gateway's plain types inside, protobuf out."""

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, TypeVar, cast

import grpc
from opentelemetry import propagate
from opentelemetry.trace import Link, get_current_span

from likeness.gateway.v1 import render_service_pb2 as pb
from likeness.gateway.v1 import render_service_pb2_grpc
from likeness_common.convert.animation import engine_to
from likeness_common.convert.media import portrait_to
from likeness_common.convert.speech import voice_to
from likeness_common.deadline import set_deadline
from likeness_common.validation.identifiers import check_request_id
from likeness_common.validation.portrait import join_chunks
from likeness_common.validation.script import check_range
from likeness_gateway.catalogue import Catalogue
from likeness_gateway.convert.names import cursor_from, render_id_from, token_of
from likeness_gateway.convert.render import render_to, responses_of
from likeness_gateway.convert.spec import body_sha256, detached_from, spec_from
from likeness_gateway.convert.tier import estimate_to, tier_estimate_to, tier_info_to
from likeness_gateway.convert.trace import trace_to
from likeness_gateway.model import Receipt
from likeness_gateway.portraits import Portraits
from likeness_gateway.renders.live import LiveRender
from likeness_gateway.renders.manager import RenderManager
from likeness_gateway.renders.order import Order
from likeness_gateway.renders.store import Cursor
from likeness_gateway.renders.watch import watch
from likeness_gateway.routing import TIERS, assess, unavailable_reason
from likeness_gateway.routing.pricing import comparison_prices
from likeness_gateway.traces import TraceStore
from likeness_gateway.utterances import Utterances
from likeness_gateway.validation import check_image, check_portrait, check_spec

Context = grpc.aio.ServicerContext[Any, Any]
Response = TypeVar("Response", pb.RenderVideoResponse, pb.WatchRenderResponse)

DEADLINE_MARGIN_S = 0.1
"""A call's deadline ends its render this much earlier, so that the caller gets our error and not its own timer's."""

PAGE_SIZE_RANGE = (1, 200)
DEFAULT_PAGE_SIZE = 50


class RenderServicer(render_service_pb2_grpc.RenderServiceServicer):
    """See likeness.gateway.v1.RenderService."""

    def __init__(
        self,
        renders: RenderManager,
        portraits: Portraits,
        catalogue: Catalogue,
        utterances: Utterances,
        traces: TraceStore,
    ) -> None:
        self._renders = renders
        self._portraits = portraits
        self._catalogue = catalogue
        self._utterances = utterances
        self._traces = traces

    async def RenderVideo(
        self, request: pb.RenderVideoRequest, context: Context
    ) -> AsyncIterator[pb.RenderVideoResponse]:
        """See RenderService. Leaving this generator early, for whatever reason, leaves the render."""
        order = self._order(request, context, detached=detached_from(request.on_disconnect))
        render = await self._renders.start(order)
        async with aclosing(_responses(pb.RenderVideoResponse, render, 0, context, attached=True)) as responses:
            async for response in responses:
                yield response

    async def WatchRender(
        self, request: pb.WatchRenderRequest, context: Context
    ) -> AsyncIterator[pb.WatchRenderResponse]:
        """See RenderService."""
        render = await self._renders.find(render_id_from(request.name))
        first = request.after_sequence + 1 if request.HasField("after_sequence") else 0
        async with aclosing(_responses(pb.WatchRenderResponse, render, first, context)) as responses:
            async for response in responses:
                yield response

    async def CreateRender(self, request: pb.CreateRenderRequest, context: Context) -> pb.CreateRenderResponse:
        """See RenderService."""
        render = await self._renders.start(self._order(request, context, detached=True))
        return pb.CreateRenderResponse(render=render_to(render.record))

    async def GetRender(self, request: pb.GetRenderRequest, context: Context) -> pb.GetRenderResponse:
        """See RenderService."""
        del context
        return pb.GetRenderResponse(render=render_to(await self._renders.get(render_id_from(request.name))))

    async def ListRenders(self, request: pb.ListRendersRequest, context: Context) -> pb.ListRendersResponse:
        """See RenderService."""
        del context
        size = request.page_size or DEFAULT_PAGE_SIZE
        check_range("page_size", size, PAGE_SIZE_RANGE)
        records = await self._renders.page(size + 1, cursor_from(request.page_token))
        shown, more = records[:size], len(records) > size
        token = token_of(Cursor(shown[-1].create_time_us, shown[-1].id)) if more else ""
        return pb.ListRendersResponse(renders=map(render_to, shown), next_page_token=token)

    async def CancelRender(self, request: pb.CancelRenderRequest, context: Context) -> pb.CancelRenderResponse:
        """See RenderService."""
        del context
        return pb.CancelRenderResponse(render=render_to(await self._renders.cancel(render_id_from(request.name))))

    async def EstimateRender(self, request: pb.EstimateRenderRequest, context: Context) -> pb.EstimateRenderResponse:
        """See RenderService."""
        _bound(context)
        spec = spec_from(request.spec)
        if request.spec.portrait_image:
            check_image(request.spec.portrait_image)
        check_spec(spec)
        utterance = await self._utterances.of(spec.speech)
        pools = (await self._catalogue.offer()).pools
        tiers = [tier_estimate_to(row, assess(row, spec, utterance, pools)) for row in TIERS]
        return estimate_to(spec.characters, utterance.duration_us, tiers, comparison_prices())

    async def UploadPortrait(
        self, request_iterator: AsyncIterator[pb.UploadPortraitRequest], context: Context
    ) -> pb.UploadPortraitResponse:
        """See RenderService."""
        _bound(context)
        image = await join_chunks(request.chunk.data async for request in request_iterator)
        portrait = await self._portraits.upload(image)
        return pb.UploadPortraitResponse(portrait=portrait_to(portrait))

    async def ListTiers(self, request: pb.ListTiersRequest, context: Context) -> pb.ListTiersResponse:
        """See RenderService."""
        del request
        _bound(context)
        pools = (await self._catalogue.offer()).pools
        return pb.ListTiersResponse(tiers=[tier_info_to(row, unavailable_reason(row, pools)) for row in TIERS])

    async def ListEngines(self, request: pb.ListEnginesRequest, context: Context) -> pb.ListEnginesResponse:
        """See RenderService."""
        del request
        _bound(context)
        return pb.ListEnginesResponse(engines=map(engine_to, (await self._catalogue.offer()).engines))

    async def ListVoices(self, request: pb.ListVoicesRequest, context: Context) -> pb.ListVoicesResponse:
        """See RenderService."""
        del request
        _bound(context)
        return pb.ListVoicesResponse(voices=map(voice_to, (await self._catalogue.offer()).voices))

    async def GetTrace(self, request: pb.GetTraceRequest, context: Context) -> pb.GetTraceResponse:
        """See RenderService."""
        del context
        record = await self._renders.get(render_id_from(request.name))
        spans = await self._traces.read(record.trace_id)
        return pb.GetTraceResponse(trace=trace_to(record.trace_id, request.name, spans))

    def _order(
        self, request: pb.RenderVideoRequest | pb.CreateRenderRequest, context: Context, *, detached: bool
    ) -> Order:
        """Check a request and make it an order. Raises InvalidArgument."""
        expires_at = _bound(context)
        if request.request_id:
            check_request_id(request.request_id)
        spec, image = spec_from(request.spec), request.spec.portrait_image
        check_portrait(spec, image)
        check_spec(spec)
        return Order(
            spec=spec,
            body_sha256=body_sha256(request.spec, spec.portrait_id),
            image=image,
            request_id=request.request_id.lower(),
            detached=detached,
            expires_at=expires_at,
            caller=_caller(context),
        )


async def _responses(
    kind: type[Response], render: LiveRender, first: int, context: Context, *, attached: bool = False
) -> AsyncGenerator[Response, None]:
    """A render's events as messages, with its facts as trailers."""
    facts: tuple[tuple[str, str], ...] = (("render-id", render.record.id), ("trace-id", render.record.trace_id))
    context.set_trailing_metadata(facts)
    async with aclosing(watch(render, first, attached=attached)) as events:
        async for event in events:
            if isinstance(event, Receipt):
                context.set_trailing_metadata((*facts, ("cost-micros", str(event.cost_micros))))
            for response in responses_of(kind, event):
                yield response


def _bound(context: Context) -> float | None:
    """Let everything done for this call end shortly before its deadline; return when, on time.monotonic."""
    remaining = cast("float | None", context.time_remaining())  # its stub does not say that it can be None
    if remaining is None:
        return None
    seconds = max(0.0, remaining - DEADLINE_MARGIN_S)
    set_deadline(seconds)
    return time.monotonic() + seconds


def _caller(context: Context) -> tuple[Link, ...]:
    """The caller's span, when the caller traces."""
    carrier = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
    span = get_current_span(propagate.extract(carrier)).get_span_context()
    return (Link(span),) if span.is_valid else ()
