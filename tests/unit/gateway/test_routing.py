"""Routing is a function of the request, the tier table and the pools."""

from dataclasses import replace
from typing import Any

import pytest

from likeness_common.errors import DeadlineExceeded, FailedPrecondition, LikenessError, Reason, ResourceExhausted
from likeness_common.media import VideoFormat
from likeness_common.stages.animator import EngineInfo
from likeness_common.stages.speech import Script
from likeness_gateway.model import RenderSpec, Tier, Utterance
from likeness_gateway.routing import TIERS, Pool, Route, estimate, route
from likeness_gateway.routing.licences import forbids_commercial_use
from likeness_gateway.routing.pricing import comparison_prices
from tests.fakes.animator import engine_info
from tests.fakes.speech import PAID_VOICE, RESEARCH_VOICE, VOICE

pytestmark = pytest.mark.unit

MESH = engine_info("mesh", expected_rtf=0.2)
SADTALKER = engine_info("sadtalker", expected_rtf=5.0)
HALLO2 = engine_info("hallo2", expected_rtf=40.0, weight_licences=("CC-BY-NC-4.0",))


def spec(**changes: Any) -> RenderSpec:
    return replace(RenderSpec(Script("word " * 20), "0" * 64, VideoFormat(512, 512)), **changes)


def utterance(voice: Any = VOICE) -> Utterance:
    """The speech of `spec` by a voice, or six seconds of a recording."""
    if voice is None:
        return Utterance(6_000_000)
    script = Script("word " * 20)
    return Utterance(estimate.speech_us(script), voice, estimate.voice_cost_micros(script, voice))


def choose(engines: list[EngineInfo], voice: Any = VOICE, **changes: Any) -> Route:
    return route(spec(**changes), utterance(voice), TIERS, [Pool("local", engine) for engine in engines])


def refused(engines: list[EngineInfo], voice: Any = VOICE, **changes: Any) -> LikenessError:
    with pytest.raises(LikenessError) as caught:
        choose(engines, voice, **changes)
    return caught.value


def test_the_tier_asked_for_is_given_without_a_notice() -> None:
    found = choose([MESH, SADTALKER], tier=Tier.STANDARD)
    assert (found.best.plan.tier, found.best.plan.engine, found.best.plan.pool) == (Tier.STANDARD, "sadtalker", "local")
    assert found.notices == ()
    assert [candidate.plan.tier for candidate in found.ranked] == [Tier.STANDARD, Tier.DRAFT]


def test_a_missing_tier_gives_the_next_lower_one_with_a_notice() -> None:
    found = choose([MESH, SADTALKER], tier=Tier.PREMIUM)
    assert found.best.plan.tier is Tier.STANDARD
    (notice,) = found.notices
    assert notice.code == "TIER_LOWERED"
    assert "engine hallo2 is not installed on this server" in notice.message
    assert "engine hallo3 is not installed on this server" in notice.message


def test_an_engine_says_itself_why_it_is_not_available() -> None:
    reason = "weights are missing; run: likeness models pull sadtalker"
    lame = replace(SADTALKER, unavailable_reason=reason)
    assert reason in choose([MESH, lame], tier=Tier.STANDARD).notices[0].message
    error = refused([MESH, lame], tier=Tier.STANDARD, min_tier=Tier.STANDARD)
    assert isinstance(error, FailedPrecondition)
    assert error.reason is Reason.ENGINE_UNAVAILABLE
    assert error.field == "spec.min_tier"
    assert reason in error.message


@pytest.mark.parametrize("tier", [Tier.AUTO, Tier.PREMIUM])
def test_min_tier_is_a_floor(tier: Tier) -> None:
    assert refused([MESH], tier=tier, min_tier=Tier.STANDARD).reason is Reason.TIER_UNAVAILABLE
    assert choose([MESH, SADTALKER], tier=tier, min_tier=Tier.STANDARD).best.plan.tier is Tier.STANDARD


def test_auto_gives_the_best_of_what_costs_the_same() -> None:
    assert choose([MESH, SADTALKER, HALLO2]).best.plan.tier is Tier.HIGH
    assert choose([MESH, SADTALKER]).best.plan.tier is Tier.STANDARD


def test_auto_prefers_what_is_done_in_time() -> None:
    assert choose([MESH, SADTALKER, HALLO2], finish_within_ms=60_000).best.plan.tier is Tier.STANDARD
    assert choose([MESH, SADTALKER, HALLO2], finish_within_ms=4_000).best.plan.tier is Tier.DRAFT


def test_a_tier_that_is_too_slow_is_lowered_with_a_notice() -> None:
    slow = replace(SADTALKER, expected_rtf=200.0)
    found = choose([MESH, slow], tier=Tier.STANDARD, finish_within_ms=60_000)
    assert found.best.plan.tier is Tier.DRAFT
    assert "STANDARD: it is expected to take 21 min" in found.notices[0].message
    assert choose([MESH, slow], tier=Tier.STANDARD).best.plan.tier is Tier.STANDARD


def test_a_render_that_would_miss_its_limit_by_far_is_refused() -> None:
    slow = replace(SADTALKER, expected_rtf=200.0)
    error = refused([MESH, slow], tier=Tier.STANDARD, min_tier=Tier.STANDARD, finish_within_ms=60_000)
    assert isinstance(error, DeadlineExceeded)
    assert (error.reason, error.field) == (Reason.DEADLINE_EXCEEDED, "spec.finish_within")
    assert "spec.finish_within is 60 s" in error.message
    assert "STANDARD: it is expected to take 21 min" in error.message


def test_a_render_that_might_be_late_is_begun_at_the_fastest_tier_allowed() -> None:
    found = choose([MESH, SADTALKER], tier=Tier.STANDARD, min_tier=Tier.STANDARD, finish_within_ms=10_000)
    assert found.best.quote.render_us > 10_000_000
    assert found.best.plan.tier is Tier.STANDARD
    both_late = choose([MESH, SADTALKER], tier=Tier.STANDARD, finish_within_ms=1_000)
    assert both_late.best.quote.render_us > 1_000_000
    assert both_late.best.plan.tier is Tier.DRAFT


def test_auto_does_not_wait_for_ages_unless_told_to() -> None:
    slow = replace(SADTALKER, expected_rtf=200.0)
    found = choose([MESH, slow])
    assert found.best.plan.tier is Tier.DRAFT
    assert "in time (STANDARD: it is expected to take 21 min)" in found.notices[0].message
    assert choose([MESH, slow], min_tier=Tier.STANDARD).best.plan.tier is Tier.STANDARD
    assert choose([MESH, slow], finish_within_ms=3_600_000).best.plan.tier is Tier.STANDARD


def test_draft_is_never_given_silently_when_better_was_possible() -> None:
    assert choose([MESH]).notices[0].code == "TIER_LOWERED"
    assert choose([MESH], tier=Tier.DRAFT).notices == ()


def test_commercial_use_leaves_engines_out() -> None:
    found = choose([MESH, SADTALKER, HALLO2], tier=Tier.HIGH, commercial_use=True)
    assert found.best.plan.tier is Tier.STANDARD
    assert "CC-BY-NC-4.0" in found.notices[0].message
    error = refused([MESH, HALLO2], tier=Tier.HIGH, min_tier=Tier.HIGH, commercial_use=True)
    assert isinstance(error, FailedPrecondition)
    assert (error.reason, error.field) == (Reason.LICENCE_FORBIDDEN, "spec.commercial_use")


def test_commercial_use_waits_for_a_persons_judgement() -> None:
    restricted = replace(SADTALKER, commercial_restriction="its weights are not cleared for commercial use")
    assert choose([MESH, restricted], tier=Tier.STANDARD).best.plan.tier is Tier.STANDARD
    found = choose([MESH, restricted], tier=Tier.STANDARD, commercial_use=True)
    assert found.best.plan.tier is Tier.DRAFT
    assert "STANDARD: its weights are not cleared for commercial use" in found.notices[0].message
    error = refused([MESH, restricted], tier=Tier.STANDARD, min_tier=Tier.STANDARD, commercial_use=True)
    assert error.reason is Reason.LICENCE_FORBIDDEN


def test_commercial_use_forbids_voices() -> None:
    error = refused([MESH], RESEARCH_VOICE, commercial_use=True)
    assert error.reason is Reason.LICENCE_FORBIDDEN
    assert "research" in error.message
    assert choose([MESH], RESEARCH_VOICE).best.plan.voice == "research"


def test_the_ceiling_is_hard() -> None:
    cost = choose([MESH], PAID_VOICE).best.quote.cost_micros
    assert cost == 20 * 5 * 50
    assert choose([MESH], PAID_VOICE, max_cost_micros=cost).best.quote.cost_micros == cost
    error = refused([MESH], PAID_VOICE, max_cost_micros=cost - 1)
    assert isinstance(error, ResourceExhausted)
    assert (error.reason, error.field) == (Reason.BUDGET_EXCEEDED, "spec.max_cost_micros")
    assert str(cost) in error.message
    assert choose([MESH], VOICE, max_cost_micros=0).best.quote.cost_micros == 0


def test_a_recording_has_no_voice_and_costs_nothing_to_play() -> None:
    best = choose([MESH], None, commercial_use=True, max_cost_micros=0).best
    assert best.plan.voice == ""
    assert (best.quote.cost_micros, best.quote.video_us) == (0, 6_000_000)


@pytest.mark.parametrize(
    ("voice", "why"),
    [(None, "which a recording has no marks for"), (replace(VOICE, marks=False), "voice espeak gives")],
)
def test_an_engine_that_needs_marks_gets_no_speech_without_them(voice: Any, why: str) -> None:
    needy = replace(SADTALKER, needs_marks=True)
    found = choose([MESH, needy], voice, tier=Tier.STANDARD)
    assert found.best.plan.engine == "mesh"
    assert why in found.notices[0].message
    error = refused([needy], voice)
    assert error.reason is Reason.TIER_UNAVAILABLE
    assert why in error.message
    assert choose([needy], VOICE, tier=Tier.STANDARD).best.plan.engine == "sadtalker"


@pytest.mark.parametrize(
    ("licence", "forbidden"),
    [
        ("CC-BY-NC-4.0", True),
        ("CC-BY-NC-SA-4.0", True),
        ("LicenseRef-CPML", True),
        ("LicenseRef-Noncommercial-research", True),
        ("Apache-2.0", False),
        ("MIT", False),
        ("GPL-3.0-or-later", False),
        ("CC-BY-4.0", False),
        ("NCSA", False),
    ],
)
def test_licences(licence: str, forbidden: bool) -> None:
    assert forbids_commercial_use(licence) is forbidden


def test_speech_takes_longer_when_slower_and_with_pauses() -> None:
    script = Script("One. Two. Three.", sentence_pause_ms=0)
    assert estimate.speech_us(replace(script, rate=0.5)) == 2 * estimate.speech_us(script)
    assert estimate.speech_us(replace(script, sentence_pause_ms=1000)) == estimate.speech_us(script) + 3_000_000


def test_a_bigger_picture_takes_longer() -> None:
    small, large = (estimate.quote(utterance(), VideoFormat(side, side), MESH).render_us for side in (512, 1024))
    assert 3 < large / small < 4


def test_an_engine_of_one_size_takes_as_long_at_every_size() -> None:
    engine = replace(SADTALKER, fixed_size=True)
    small, large = (estimate.quote(utterance(), VideoFormat(side, side), engine).render_us for side in (128, 1024))
    assert 1 < large / small < 1.1
    slow, fast = (estimate.quote(utterance(), VideoFormat(64, 64, fps), engine).render_us for fps in (25, 50))
    assert 1.9 < fast / slow < 2.1


def test_comparison_prices_are_dated_and_sourced() -> None:
    prices = comparison_prices()
    assert len(prices) >= 5
    assert len({price.service for price in prices}) == len(prices)
    for price in prices:
        year, month = price.as_of.split("-")
        assert 2024 <= int(year) <= 2100
        assert 1 <= int(month) <= 12
        assert price.source
        assert price.cost_micros(8_000_000) == 8 * price.micros_per_second
