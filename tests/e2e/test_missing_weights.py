"""A tier whose engine lacks its weights says what to do, and gives way or fails, as asked."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from likeness.gateway.v1 import render_pb2, render_service_pb2
from likeness.tts.v1 import voice_pb2
from likeness_common.weights import WeightStore, default_root, load
from tests.e2e.stack import Stack, wait_until
from tests.e2e.watching import spec, watch
from tests.watched import error_info

pytestmark = pytest.mark.e2e

PULL = "`likeness models pull sadtalker`"
STANDARD, DRAFT = render_pb2.TIER_STANDARD, render_pb2.TIER_DRAFT


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LIKENESS_HOME with the face models and nothing else."""
    home = Path(tmp_path_factory.mktemp("home"))
    face = load("face")
    theirs, ours = WeightStore(default_root()).state(face), WeightStore(home).state(face)
    for there, here in zip(theirs, ours, strict=True):
        here.path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(there.path, here.path)
    return home


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Stack]:
    """Four services that have no weights of SadTalker."""
    running = Stack(Path(tmp_path_factory.mktemp("stack")), LIKENESS_HOME=str(home))
    try:
        running.wait_ready()
        yield running
    finally:
        running.stop()


def tiers(renders) -> dict[int, str]:
    """Why each tier is not available."""
    answer = renders.ListTiers(render_service_pb2.ListTiersRequest())
    return {tier.tier: tier.unavailable_reason for tier in answer.tiers if not tier.available}


def test_tiers_engines_and_health_say_what_is_missing(stack: Stack, renders) -> None:
    engines = {engine.name: engine for engine in renders.ListEngines(render_service_pb2.ListEnginesRequest()).engines}
    assert engines["mesh"].available
    assert not engines["mesh"].commercial_restriction
    lame = engines["sadtalker"]
    assert not lame.available
    assert PULL in lame.unavailable_reason
    assert list(lame.weights) == ["sadtalker"]
    assert list(lame.weight_licences) == [load("sadtalker").licence]
    assert "likeness models show sadtalker" in lame.commercial_restriction
    assert PULL in tiers(renders)[STANDARD]
    assert DRAFT not in tiers(renders)
    with grpc.insecure_channel(stack.address) as channel:
        status = {
            name: health_pb2_grpc.HealthStub(channel)  # type: ignore[attr-defined]  # its stubs lack it
            .Check(health_pb2.HealthCheckRequest(service=f"engine.{name}"))
            .status
            for name in ("mesh", "sadtalker")
        }
    assert status == {
        "mesh": health_pb2.HealthCheckResponse.SERVING,
        "sadtalker": health_pb2.HealthCheckResponse.NOT_SERVING,
    }


def test_an_estimate_offers_what_can_be_had(renders) -> None:
    wanted = render_pb2.RenderSpec(script=voice_pb2.Script(text="How much?"), tier=STANDARD)
    estimate = renders.EstimateRender(render_service_pb2.EstimateRenderRequest(spec=wanted))
    quoted = {tier.tier.tier: tier.HasField("quote") for tier in estimate.tiers}
    assert quoted[DRAFT]
    assert not quoted[STANDARD]
    reasons = {tier.tier.tier: tier.tier.unavailable_reason for tier in estimate.tiers}
    assert PULL in reasons[STANDARD]


@pytest.mark.parametrize("tier", [STANDARD, render_pb2.TIER_AUTO])
def test_a_lower_tier_is_given_with_a_notice(renders, portrait_id: str, tier: render_pb2.Tier.ValueType) -> None:
    request = render_service_pb2.RenderVideoRequest(spec=spec("Hello.", portrait_id))
    request.spec.tier = tier
    film = watch(renders.RenderVideo(request))
    film.check_segments()
    assert film.receipt is not None
    assert film.accepted is not None
    assert (film.accepted.plan.tier, film.accepted.plan.engine) == (DRAFT, "mesh")
    (notice,) = [notice for notice in film.notices if notice.code == "TIER_LOWERED"]
    assert (PULL if tier == STANDARD else "ListTiers") in notice.message


def test_who_accepts_nothing_lower_learns_the_command(renders, portrait_id: str) -> None:
    request = render_service_pb2.RenderVideoRequest(spec=spec("Hello.", portrait_id))
    request.spec.tier = request.spec.min_tier = STANDARD
    with pytest.raises(grpc.RpcError) as caught:
        watch(renders.RenderVideo(request))
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert error_info(caught.value).reason == "ENGINE_UNAVAILABLE"
    assert PULL in (caught.value.details() or "")


def test_an_engine_without_weights_costs_no_memory(stack: Stack, renders) -> None:
    assert PULL in tiers(renders)[STANDARD]
    loaded = {Path(mapped.path).name for mapped in stack.service("animator").memory_maps()}
    assert not [name for name in loaded if "torch" in name]


def test_weights_that_are_cut_off_are_named(home: Path, renders) -> None:
    stored = WeightStore(home).state(load("sadtalker"))[0]
    stored.path.write_bytes(b"the beginning")
    try:
        wait_until(lambda: "is damaged" in tiers(renders)[STANDARD], 30, "the damage is seen")
        assert f"Of its weights, {stored.file.name} is damaged. Run {PULL}" in tiers(renders)[STANDARD]
    finally:
        stored.path.unlink()
