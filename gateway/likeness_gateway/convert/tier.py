"""Tiers, estimates and comparison prices."""

from collections.abc import Iterable

from likeness.gateway.v1 import render_service_pb2, tier_pb2
from likeness_gateway.convert.render import TIERS, cost_to, duration, plan_to, quote_to
from likeness_gateway.routing import Candidate, Rejection, TierRow
from likeness_gateway.routing.pricing import Price


def tier_info_to(row: TierRow, unavailable_reason: str) -> tier_pb2.TierInfo:
    """Write a tier; an empty reason means that it is available."""
    return tier_pb2.TierInfo(
        tier=TIERS[row.tier],
        description=row.description,
        engine=row.engine,
        available=not unavailable_reason,
        unavailable_reason=unavailable_reason,
    )


def tier_estimate_to(row: TierRow, answer: Candidate | Rejection) -> tier_pb2.TierEstimate:
    """Write what a request would take at one tier, or why it cannot be had there."""
    if isinstance(answer, Rejection):
        return tier_pb2.TierEstimate(tier=tier_info_to(row, answer.message))
    return tier_pb2.TierEstimate(tier=tier_info_to(row, ""), plan=plan_to(answer.plan), quote=quote_to(answer.quote))


def estimate_to(
    characters: int, speech_us: int, tiers: Iterable[tier_pb2.TierEstimate], prices: Iterable[Price]
) -> render_service_pb2.EstimateRenderResponse:
    """Write an estimate, with what others charge for the same length."""
    return render_service_pb2.EstimateRenderResponse(
        speech=tier_pb2.SpeechEstimate(characters=characters, duration=duration(speech_us)),
        tiers=tiers,
        comparisons=[
            tier_pb2.ComparisonPrice(
                service=price.service,
                cost=cost_to(price.cost_micros(speech_us)),
                as_of=price.as_of,
                source=price.source,
            )
            for price in prices
        ],
    )
