"""Engines by name."""

from pathlib import Path

import pytest

from likeness_animator.registry import ENGINES, EngineRegistry, Entry
from likeness_common.errors import FailedPrecondition, InvalidArgument, Reason
from likeness_common.weights import WeightStore

pytestmark = pytest.mark.unit

FAKES = {
    "fake": Entry("tests.fakes.engines:FakeEngine"),
    "weighty": Entry("tests.fakes.engines:WeightyEngine"),
    "heavy": Entry("likeness_animator_heavy_package.engine:Engine", extra="heavy"),
    "faulty": Entry("tests.fakes.engines:FaultyEngine"),
}


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        ENGINES["mine"] = Entry("x:Y")  # type: ignore[index]  # that is the point


def test_mesh_is_the_default(weights: WeightStore) -> None:
    registry = EngineRegistry(weights)
    assert registry.infos()[0].name == "mesh"
    assert registry.infos()[0].available


def test_an_engine_is_created_once(weights: WeightStore) -> None:
    registry = EngineRegistry(weights, FAKES)
    assert registry.engine("fake") is registry.engine("fake")


def test_engines_are_imported_only_when_asked_for(weights: WeightStore) -> None:
    assert EngineRegistry(weights, {"gone": Entry("no.such.module:Engine"), **FAKES}).engine("fake")


def test_all_are_listed_and_the_unavailable_say_what_to_do(weights: WeightStore) -> None:
    infos = {info.name: info for info in EngineRegistry(weights, FAKES).infos()}
    assert list(infos) == list(FAKES)
    assert infos["fake"].available
    assert infos["weighty"].available
    assert "pip install 'likeness-animator[heavy]'" in infos["heavy"].unavailable_reason
    assert "libfault.so is missing" in infos["faulty"].unavailable_reason


@pytest.mark.parametrize(("name", "fix"), [("heavy", r"likeness-animator\[heavy\]"), ("faulty", "Repair")])
def test_opening_an_unavailable_engine_names_the_fix(weights: WeightStore, name: str, fix: str) -> None:
    with pytest.raises(FailedPrecondition, match=fix) as raised:
        EngineRegistry(weights, FAKES).engine(name)
    assert raised.value.reason is Reason.ENGINE_UNAVAILABLE


@pytest.mark.parametrize("name", ["fake", "weighty"])
def test_missing_weights_make_an_engine_unavailable(tmp_path: Path, name: str) -> None:
    registry = EngineRegistry(WeightStore(tmp_path), FAKES)
    info = next(info for info in registry.infos() if info.name == name)
    assert "likeness models pull face" in info.unavailable_reason
    with pytest.raises(FailedPrecondition, match="likeness models pull face") as raised:
        registry.engine(name)
    assert raised.value.reason is Reason.ENGINE_UNAVAILABLE


def test_unknown_engines_are_refused_with_the_known_ones(weights: WeightStore) -> None:
    with pytest.raises(InvalidArgument, match="fake, weighty") as raised:
        EngineRegistry(weights, FAKES).engine("nobody")
    assert raised.value.reason is Reason.ENGINE_UNKNOWN
    assert raised.value.field == "engine"
