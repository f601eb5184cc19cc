"""The STANDARD tier with what the sadtalker engine says of itself."""

import os
from pathlib import Path

import pytest

from likeness_animator.registry import EngineRegistry
from likeness_common.errors import FailedPrecondition, LikenessError, Reason
from likeness_common.media import VideoFormat
from likeness_common.stages.speech import Script
from likeness_common.weights import WeightStore, load
from likeness_gateway.model import RenderSpec, Tier, Utterance
from likeness_gateway.routing import TIERS, Pool, Route, route

pytestmark = pytest.mark.unit

SIX_SECONDS = Utterance(6_000_000)


@pytest.fixture
def store(tmp_path: Path) -> WeightStore:
    """A store with files of the right sizes, which is all that is looked at before a film begins."""
    store = WeightStore(tmp_path)
    for name in ("face", "sadtalker"):
        for stored in store.state(load(name)):
            stored.path.parent.mkdir(parents=True, exist_ok=True)
            stored.path.touch()
            os.truncate(stored.path, stored.file.size)  # sparse
    return store


def choose(store: WeightStore, **changes: object) -> Route:
    pools = [Pool("local", engine) for engine in EngineRegistry(store).infos()]
    spec = RenderSpec(Script("Six seconds."), "0" * 64, VideoFormat(512, 512), **changes)  # type: ignore[arg-type]
    return route(spec, SIX_SECONDS, TIERS, pools)


def refusal(store: WeightStore, **changes: object) -> LikenessError:
    with pytest.raises(LikenessError) as refused:
        choose(store, tier=Tier.STANDARD, min_tier=Tier.STANDARD, **changes)
    return refused.value


def test_who_asks_for_it_gets_it_and_learns_how_long_it_takes(store: WeightStore) -> None:
    best = choose(store, tier=Tier.STANDARD).best
    assert (best.plan.tier, best.plan.engine) == (Tier.STANDARD, "sadtalker")
    assert best.quote.render_us > 60 * best.quote.video_us


def test_without_its_weights_it_says_what_to_do(store: WeightStore) -> None:
    store.path(load("sadtalker"), "mapping_00229-model.pth.tar").unlink()
    found = choose(store, tier=Tier.STANDARD)
    assert found.best.plan.tier is Tier.DRAFT
    assert "`likeness models pull sadtalker`" in found.notices[0].message
    error = refusal(store)
    assert isinstance(error, FailedPrecondition)
    assert error.reason is Reason.ENGINE_UNAVAILABLE
    assert "`likeness models pull sadtalker`" in error.message


def test_a_minute_is_not_enough_on_this_machine(store: WeightStore) -> None:
    assert choose(store, tier=Tier.STANDARD, finish_within_ms=60_000).best.plan.tier is Tier.DRAFT
    assert refusal(store, finish_within_ms=60_000).reason is Reason.DEADLINE_EXCEEDED
    assert choose(store, tier=Tier.STANDARD, finish_within_ms=24 * 3_600_000).best.plan.tier is Tier.STANDARD


def test_auto_gives_what_can_be_waited_for(store: WeightStore) -> None:
    found = choose(store)
    assert found.best.plan.tier is Tier.DRAFT
    assert "STANDARD: it is expected to take" in found.notices[0].message


def test_nobody_has_cleared_it_for_commercial_use(store: WeightStore) -> None:
    found = choose(store, tier=Tier.STANDARD, commercial_use=True)
    assert found.best.plan.tier is Tier.DRAFT
    assert "likeness models show sadtalker" in found.notices[0].message
    assert refusal(store, commercial_use=True).reason is Reason.LICENCE_FORBIDDEN
