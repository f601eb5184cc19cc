"""Estimates, tiers and traces from likeness.gateway.v1."""

from likeness.gateway.v1 import render_service_pb2, tier_pb2, trace_pb2
from likeness_client.convert.render import plan_from, quote_from, seconds_from, tier_from
from likeness_client.model import ComparisonPrice, Estimate, Span, SpanEvent, TierEstimate, TierInfo, Trace


def tier_info_from(message: tier_pb2.TierInfo) -> TierInfo:
    """Read a tier."""
    return TierInfo(
        tier_from(message.tier), message.description, message.engine, message.available, message.unavailable_reason
    )


def estimate_from(message: render_service_pb2.EstimateRenderResponse) -> Estimate:
    """Read an estimate."""
    return Estimate(
        characters=message.speech.characters,
        speech_s=seconds_from(message.speech.duration),
        tiers=tuple(_tier_estimate_from(tier) for tier in message.tiers),
        comparisons=tuple(
            ComparisonPrice(price.service, price.cost.micros, price.as_of, price.source)
            for price in message.comparisons
        ),
    )


def _tier_estimate_from(message: tier_pb2.TierEstimate) -> TierEstimate:
    return TierEstimate(
        tier=tier_info_from(message.tier),
        plan=plan_from(message.plan) if message.HasField("plan") else None,
        quote=quote_from(message.quote) if message.HasField("quote") else None,
    )


def trace_from(message: trace_pb2.Trace) -> Trace:
    """Read a trace."""
    return Trace(message.trace_id, message.render, tuple(_span_from(span) for span in message.spans))


def _span_from(message: trace_pb2.Span) -> Span:
    return Span(
        span_id=message.span_id,
        parent_span_id=message.parent_span_id,
        name=message.name,
        service=message.service,
        start_ns=message.start_time.ToNanoseconds(),
        end_ns=message.end_time.ToNanoseconds(),
        failed=message.failed,
        attributes=dict(message.attributes),
        events=tuple(
            SpanEvent(event.name, event.time.ToNanoseconds(), dict(event.attributes)) for event in message.events
        ),
    )
