"""Routing: a request, the tier table and the state of the pools give ranked plans, or the reason why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

from likeness_common.errors import FailedPrecondition, LikenessError, Reason, ResourceExhausted
from likeness_common.stages.animator import EngineInfo
from likeness_gateway.model import Notice, Plan, Quote, RenderSpec, Tier, Utterance
from likeness_gateway.routing import estimate
from likeness_gateway.routing.licences import forbids_commercial_use
from likeness_gateway.routing.tiers import TierRow


@dataclass(frozen=True, slots=True)
class Pool:
    """A place that renders with one engine."""

    name: str
    engine: EngineInfo


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan that meets the request, and what it is expected to take."""

    plan: Plan
    quote: Quote


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a tier cannot be had."""

    tier: Tier
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Route:
    """Plans, the best first, and what the caller should know about the choice."""

    ranked: tuple[Candidate, ...]
    notices: tuple[Notice, ...] = ()

    @property
    def best(self) -> Candidate:
        """The plan to follow."""
        return self.ranked[0]


def route(spec: RenderSpec, utterance: Utterance, tiers: Sequence[TierRow], pools: Sequence[Pool]) -> Route:
    """Choose among the tiers from `spec.min_tier` to `spec.tier`.

    An explicit tier is given when it can be had, else the next lower one, with a notice. AUTO gives the cheapest, of
    equally cheap ones the best; those that are expected to be done within `finish_within` go before the others.
    Raises FailedPrecondition (TIER_UNAVAILABLE, LICENCE_FORBIDDEN) or ResourceExhausted (BUDGET_EXCEEDED).
    """
    voice = utterance.voice
    if spec.commercial_use and voice is not None and forbids_commercial_use(voice.licence):
        raise _licence_error("voice", voice.name, voice.licence)
    highest = Tier.PREMIUM if spec.tier is Tier.AUTO else spec.tier
    rows = sorted((row for row in tiers if spec.min_tier <= row.tier <= highest), key=lambda row: -row.tier)
    answers = [assess(row, spec, utterance, pools) for row in rows]
    candidates = [answer for answer in answers if isinstance(answer, Candidate)]
    rejections = [answer for answer in answers if isinstance(answer, Rejection)]
    if not candidates:
        raise _error(spec, rejections)
    if spec.tier is Tier.AUTO:
        candidates.sort(key=lambda candidate: _auto_rank(candidate, spec))
    best = candidates[0].plan.tier
    missed = [rejection for rejection in rejections if rejection.tier > best]
    return Route(tuple(candidates), (_lowered(spec.tier, best, missed),) if missed else ())


def unavailable_reason(row: TierRow, pools: Sequence[Pool]) -> str:
    """Why a tier cannot render now, as the animator says it; empty when it can."""
    pool = _pool(row, pools)
    return f"engine {row.engine} is not installed on this server" if pool is None else pool.engine.unavailable_reason


def assess(row: TierRow, spec: RenderSpec, utterance: Utterance, pools: Sequence[Pool]) -> Candidate | Rejection:
    """Whether one tier can be had, and for what."""
    pool = _pool(row, pools)
    if pool is None or not pool.engine.available:
        return Rejection(row.tier, Reason.TIER_UNAVAILABLE, unavailable_reason(row, pools))
    forbidden = next(filter(forbids_commercial_use, (pool.engine.code_licence, *pool.engine.weight_licences)), "")
    if spec.commercial_use and forbidden:
        return Rejection(row.tier, Reason.LICENCE_FORBIDDEN, f"engine {row.engine} is licensed under {forbidden}")
    if pool.engine.needs_marks and not utterance.has_marks:
        return Rejection(row.tier, Reason.TIER_UNAVAILABLE, _needs_marks(row.engine, utterance))
    quote = estimate.quote(utterance, spec.video, pool.engine)
    if spec.max_cost_micros is not None and quote.cost_micros > spec.max_cost_micros:
        return Rejection(row.tier, Reason.BUDGET_EXCEEDED, f"it is expected to cost {quote.cost_micros} micros")
    voice = "" if utterance.voice is None else utterance.voice.name
    return Candidate(Plan(row.tier, pool.name, row.engine, voice), quote)


def _pool(row: TierRow, pools: Sequence[Pool]) -> Pool | None:
    return next((pool for pool in pools if pool.engine.name == row.engine), None)


def _auto_rank(candidate: Candidate, spec: RenderSpec) -> tuple[bool, int, int]:
    late = spec.finish_within_ms is not None and candidate.quote.render_us > spec.finish_within_ms * 1000
    return late, candidate.quote.cost_micros, -candidate.plan.tier


def _lowered(asked: Tier, given: Tier, missed: Sequence[Rejection]) -> Notice:
    if asked is Tier.AUTO:
        message = f"{given.name} is the best tier that this server can give here; ListTiers says what others need"
        return Notice("TIER_LOWERED", message)
    why = "; ".join(f"{rejection.tier.name}: {rejection.message}" for rejection in missed)
    return Notice("TIER_LOWERED", f"rendering at {given.name}, asked for {asked.name} ({why})")


def _error(spec: RenderSpec, rejections: Sequence[Rejection]) -> LikenessError:
    """The reason that is nearest to being met: money, then licences, then tiers that are not there."""
    why = "; ".join(f"{rejection.tier.name}: {rejection.message}" for rejection in rejections)
    reasons = {rejection.reason for rejection in rejections}
    if Reason.BUDGET_EXCEEDED in reasons:
        message = f"spec.max_cost_micros is {spec.max_cost_micros}, which no tier asked for can meet ({why}); raise it"
        return ResourceExhausted(Reason.BUDGET_EXCEEDED, message, field="spec.max_cost_micros")
    if Reason.LICENCE_FORBIDDEN in reasons:
        message = f"spec.commercial_use leaves no tier ({why}); allow a lower spec.min_tier or unset commercial_use"
        return FailedPrecondition(Reason.LICENCE_FORBIDDEN, message, field="spec.commercial_use")
    message = f"no tier from spec.min_tier {spec.min_tier.name} on can be had ({why}); allow a lower one"
    return FailedPrecondition(Reason.TIER_UNAVAILABLE, message, field="spec.min_tier")


def _needs_marks(engine: str, utterance: Utterance) -> str:
    speech = "a recording has" if utterance.voice is None else f"voice {utterance.voice.name} gives"
    return f"engine {engine} needs to know when each sound is spoken, which {speech} no marks for"


def _licence_error(kind: str, name: str, licence: str) -> FailedPrecondition:
    return FailedPrecondition(
        Reason.LICENCE_FORBIDDEN,
        f"spec.commercial_use is set, and {kind} {name} is licensed under {licence}; choose another {kind}",
        field="spec.commercial_use",
    )
