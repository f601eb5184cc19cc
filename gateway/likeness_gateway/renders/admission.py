"""From an order to a render that can be run."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, format_trace_id

from likeness_common.telemetry import names
from likeness_common.telemetry.tracing import tracer
from likeness_gateway.catalogue import Catalogue
from likeness_gateway.model import RenderRecord, RenderSpec, RenderState
from likeness_gateway.pipeline import Meter
from likeness_gateway.pipeline.spans import stage_span, within
from likeness_gateway.portraits import Portraits
from likeness_gateway.renders.ending import now_us
from likeness_gateway.renders.limits import Limits
from likeness_gateway.renders.live import LiveRender
from likeness_gateway.renders.order import Order
from likeness_gateway.renders.segment_log import SegmentLog
from likeness_gateway.routing import TIERS, Route, estimate, route
from likeness_gateway.traces import TraceStore
from likeness_gateway.utterances import Utterances
from likeness_gateway.worker import Worker


class Admission:
    """Routes orders, keeps their photos and opens their traces. Segments go under `directory`."""

    def __init__(
        self,
        catalogue: Catalogue,
        utterances: Utterances,
        portraits: Portraits,
        traces: TraceStore,
        directory: Path,
        disk: Worker,
        limits: Limits,
    ) -> None:
        self._catalogue = catalogue
        self._utterances = utterances
        self._portraits = portraits
        self._traces = traces
        self._directory = directory
        self._disk = disk
        self._limits = limits

    async def admit(self, order: Order) -> LiveRender:
        """Plan an order. Raises what routing raises, and NotFound for an unknown portrait."""
        render_id = uuid.uuid4().hex
        span = self._open_trace(render_id, order.spec, order.caller)
        meter = Meter(span)
        try:
            with within(span):
                chosen = await self._route(order.spec)
                await self._take_portrait(order)
        except BaseException:
            span.end()
            raise
        record = RenderRecord(
            id=render_id,
            spec=order.spec,
            body_sha256=order.body_sha256,
            plan=chosen.best.plan,
            quote=chosen.best.quote,
            create_time_us=now_us(),
            trace_id=_trace_id(span),
            request_id=order.request_id,
            detached=order.detached,
            notices=chosen.notices,
            portrait_id=order.spec.portrait_id,
            consent=order.spec.consent,
        )
        caller_expires_at = None if order.detached else order.expires_at
        return self._live(record, order.spec, span, meter, caller_expires_at)

    def revive(self, record: RenderRecord, spec: RenderSpec) -> LiveRender:
        """Take up a render that an earlier process did not finish, from its start, as it was planned then."""
        span = self._open_trace(record.id, spec, ())
        already_us = max(0, now_us() - record.create_time_us)
        fresh = replace(
            record,
            state=RenderState.QUEUED,
            trace_id=_trace_id(span),
            notices=(),
            segment_count=0,
            byte_count=0,
            taken_up=record.taken_up + 1,
        )
        return self._live(fresh, spec, span, Meter(span, already_us), None)

    def archived(self, record: RenderRecord) -> LiveRender:
        """A render that has ended, for watching."""
        return LiveRender.ended_as(record, SegmentLog(self._directory / record.id, self._disk))

    def _live(
        self, record: RenderRecord, spec: RenderSpec, span: Span, meter: Meter, caller_expires_at: float | None
    ) -> LiveRender:
        span.set_attributes(
            {
                names.TIER: record.plan.tier.name,
                names.ENGINE: record.plan.engine,
                names.VOICE: record.plan.voice,
            }
        )
        meter.frames_expected = estimate.frames(record.quote.video_us, spec.video.fps)
        limits = [] if caller_expires_at is None else [caller_expires_at]
        if spec.finish_within_ms is not None:
            limits.append(time.monotonic() + spec.finish_within_ms / 1000 - meter.elapsed_us / 1e6)
        log = SegmentLog(self._directory / record.id, self._disk)
        return LiveRender(record, log, meter, span, min(limits, default=None), self._limits.stall_s)

    def _open_trace(self, render_id: str, spec: RenderSpec, links: Sequence[Link]) -> Span:
        """Begin the root span. Every render has a trace of its own; the caller's is linked."""
        span = tracer.start_span(
            names.SPAN_RENDER,
            Context(),
            links=links,
            attributes={
                names.RENDER_ID: render_id,
                names.CHARACTERS: spec.characters,
                names.WIDTH: spec.video.width,
                names.HEIGHT: spec.video.height,
                names.FPS: spec.video.fps,
                names.CONTAINER: spec.container.value,
            },
        )
        self._traces.expect(_trace_id(span))
        return span

    async def _route(self, spec: RenderSpec) -> Route:
        with stage_span(names.SPAN_ROUTE) as span, within(span):
            utterance = await self._utterances.of(spec.speech)
            return route(spec, utterance, TIERS, (await self._catalogue.offer()).pools)

    async def _take_portrait(self, order: Order) -> None:
        if order.image:
            await self._portraits.keep(order.spec.portrait_id, order.image)
        else:
            await self._portraits.check(order.spec.portrait_id)


def _trace_id(span: Span) -> str:
    context = span.get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else ""
