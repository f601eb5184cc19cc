"""What a server offers and what it would take."""

from dataclasses import dataclass

from likeness_client.model.render import Plan, Quote
from likeness_client.model.spec import Tier


@dataclass(frozen=True, slots=True)
class TierInfo:
    """A tier on this server. `unavailable_reason` says what to do when it cannot render now."""

    tier: Tier
    description: str
    engine: str
    available: bool
    unavailable_reason: str = ""


@dataclass(frozen=True, slots=True)
class TierEstimate:
    """What a request would take at one tier; no plan and no quote when the tier is unavailable."""

    tier: TierInfo
    plan: Plan | None
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class ComparisonPrice:
    """What another service charges for the same length, read in the month `as_of` (YYYY-MM) at `source`."""

    service: str
    cost_micros: int
    as_of: str
    source: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a request would take at every tier, and what others charge."""

    characters: int
    speech_s: float
    tiers: tuple[TierEstimate, ...]
    comparisons: tuple[ComparisonPrice, ...]
