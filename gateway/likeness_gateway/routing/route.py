"""Routing: a request, the tier table and the state of the pools give ranked plans, or the reason why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

from likeness_common.errors import DeadlineExceeded, FailedPrecondition, LikenessError, Reason, ResourceExhausted
from likeness_common.stages.animator import EngineInfo
from likeness_gateway.model import Notice, Plan, Quote, RenderSpec, Tier, Utterance
from likeness_gateway.routing import estimate
from likeness_gateway.routing.licences import forbids_commercial_use
from likeness_gateway.routing.tiers import TierRow

AUTO_PATIENCE = 60
"""Without a limit, AUTO leaves out tiers that are expected to take more than so many seconds for one of video."""


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
    equally cheap ones the best. Those that are expected to be done within `finish_within` go before the others (in
    AUTO without it, within AUTO_PATIENCE), and those that miss it by far are left out.
    Raises FailedPrecondition (ENGINE_UNAVAILABLE, TIER_UNAVAILABLE, LICENCE_FORBIDDEN), ResourceExhausted
    (BUDGET_EXCEEDED) or DeadlineExceeded.
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
    candidates.sort(key=lambda candidate: _rank(candidate, spec))
    best = candidates[0].plan.tier
    late = [_late_rejection(candidate) for candidate in candidates if _late(candidate.quote, spec)]
    missed = [rejection for rejection in (*rejections, *late) if rejection.tier > best]
    return Route(tuple(candidates), (_lowered(spec.tier, best, missed),) if missed else ())


def unavailable_reason(row: TierRow, pools: Sequence[Pool]) -> str:
    """Why a tier cannot render now, as the animator says it; empty when it can."""
    pool = _pool(row, pools)
    return f"engine {row.engine} is not installed on this server" if pool is None else pool.engine.unavailable_reason


def assess(row: TierRow, spec: RenderSpec, utterance: Utterance, pools: Sequence[Pool]) -> Candidate | Rejection:
    """Whether one tier can be had, and for what."""
    pool = _pool(row, pools)
    if pool is None:
        return Rejection(row.tier, Reason.TIER_UNAVAILABLE, unavailable_reason(row, pools))
    quote = estimate.quote(utterance, spec.video, pool.engine)
    if obstacle := _obstacle(pool.engine, spec, utterance) or _beyond_limits(quote, spec):
        return Rejection(row.tier, *obstacle)
    voice = "" if utterance.voice is None else utterance.voice.name
    return Candidate(Plan(row.tier, pool.name, row.engine, voice, pool.engine.lookahead_ms), quote)


def _obstacle(engine: EngineInfo, spec: RenderSpec, utterance: Utterance) -> tuple[Reason, str] | None:
    """Why an engine cannot do, or must not do, what is asked for."""
    if not engine.available:
        return Reason.ENGINE_UNAVAILABLE, engine.unavailable_reason
    if spec.commercial_use and (restriction := _commercial_restriction(engine)):
        return Reason.LICENCE_FORBIDDEN, restriction
    if engine.needs_marks and not utterance.has_marks:
        return Reason.TIER_UNAVAILABLE, _needs_marks(engine.name, utterance)
    return None


def _beyond_limits(quote: Quote, spec: RenderSpec) -> tuple[Reason, str] | None:
    if spec.max_cost_micros is not None and quote.cost_micros > spec.max_cost_micros:
        return Reason.BUDGET_EXCEEDED, f"it is expected to cost {quote.cost_micros} micros"
    if spec.finish_within_ms is not None and estimate.too_late(quote.render_us, spec.finish_within_ms * 1000):
        return Reason.DEADLINE_EXCEEDED, _expected(quote)
    return None


def _pool(row: TierRow, pools: Sequence[Pool]) -> Pool | None:
    return next((pool for pool in pools if pool.engine.name == row.engine), None)


def _rank(candidate: Candidate, spec: RenderSpec) -> tuple[int, int, int]:
    """The smallest goes first: by lateness, then, in AUTO, by cost, then by tier."""
    quote = candidate.quote
    lateness_us = quote.render_us if _late(quote, spec) else 0
    return lateness_us, quote.cost_micros if spec.tier is Tier.AUTO else 0, -candidate.plan.tier


def _late(quote: Quote, spec: RenderSpec) -> bool:
    if spec.finish_within_ms is not None:
        return quote.render_us > spec.finish_within_ms * 1000
    return spec.tier is Tier.AUTO and quote.render_us > quote.video_us * AUTO_PATIENCE


def _late_rejection(candidate: Candidate) -> Rejection:
    return Rejection(candidate.plan.tier, Reason.DEADLINE_EXCEEDED, _expected(candidate.quote))


def _expected(quote: Quote) -> str:
    seconds = quote.render_us / 1e6
    return f"it is expected to take {f'{seconds:.0f} s' if seconds < 100 else f'{seconds / 60:.0f} min'}"


def _commercial_restriction(engine: EngineInfo) -> str:
    """What keeps an engine from commercial use, as it says or as the names of its licences do; or nothing."""
    if engine.commercial_restriction:
        return engine.commercial_restriction
    forbidden = next(filter(forbids_commercial_use, (engine.code_licence, *engine.weight_licences)), "")
    return f"engine {engine.name} is licensed under {forbidden}" if forbidden else ""


def _lowered(asked: Tier, given: Tier, missed: Sequence[Rejection]) -> Notice:
    """Say why less than the best is given; in AUTO only what the caller can change by asking for the tier."""
    auto = asked is Tier.AUTO
    told = [miss for miss in missed if not auto or miss.reason is Reason.DEADLINE_EXCEEDED]
    why = "; ".join(f"{miss.tier.name}: {miss.message}" for miss in sorted(told, key=lambda miss: -miss.tier))
    if auto:
        in_time = f" in time ({why})" if why else ""
        message = (
            f"{given.name} is the best tier that this server can give here{in_time}; ListTiers says what others need"
        )
        return Notice("TIER_LOWERED", message)
    return Notice("TIER_LOWERED", f"rendering at {given.name}, asked for {asked.name} ({why})")


def _error(spec: RenderSpec, rejections: Sequence[Rejection]) -> LikenessError:
    """The reason that is nearest to being met: money, then time, licences, and what is not there."""
    why = "; ".join(f"{rejection.tier.name}: {rejection.message}" for rejection in rejections)
    reasons = {rejection.reason for rejection in rejections}
    if Reason.BUDGET_EXCEEDED in reasons:
        message = f"spec.max_cost_micros is {spec.max_cost_micros}, which no tier asked for can meet ({why}); raise it"
        return ResourceExhausted(Reason.BUDGET_EXCEEDED, message, field="spec.max_cost_micros")
    if Reason.DEADLINE_EXCEEDED in reasons:
        limit_s = (spec.finish_within_ms or 0) / 1000
        message = f"spec.finish_within is {limit_s:g} s, which no tier asked for can meet ({why}); allow more time"
        return DeadlineExceeded(Reason.DEADLINE_EXCEEDED, message, field="spec.finish_within")
    if Reason.LICENCE_FORBIDDEN in reasons:
        message = f"spec.commercial_use leaves no tier ({why}); allow a lower spec.min_tier or unset commercial_use"
        return FailedPrecondition(Reason.LICENCE_FORBIDDEN, message, field="spec.commercial_use")
    message = f"no tier from spec.min_tier {spec.min_tier.name} on can be had ({why}); allow a lower one"
    missing = Reason.ENGINE_UNAVAILABLE if Reason.ENGINE_UNAVAILABLE in reasons else Reason.TIER_UNAVAILABLE
    return FailedPrecondition(missing, message, field="spec.min_tier")


def _needs_marks(engine: str, utterance: Utterance) -> str:
    speech = "a recording has" if utterance.voice is None else f"voice {utterance.voice.name} gives"
    return f"engine {engine} needs to know when each sound is spoken, which {speech} no marks for"


def _licence_error(kind: str, name: str, licence: str) -> FailedPrecondition:
    return FailedPrecondition(
        Reason.LICENCE_FORBIDDEN,
        f"spec.commercial_use is set, and {kind} {name} is licensed under {licence}; choose another {kind}",
        field="spec.commercial_use",
    )
