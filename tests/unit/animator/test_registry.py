"""Engines by name."""

from dataclasses import replace
from pathlib import Path

import pytest

from likeness_animator.registry import ENGINES, EngineRegistry, Entry
from likeness_common.errors import FailedPrecondition, InvalidArgument, Reason
from likeness_common.weights import WeightStore, load
from tests.fakes.engines import FakeEngine, fake_info

pytestmark = pytest.mark.unit

FAKES = {
    "fake": Entry("tests.fakes.engines:FakeEngine"),
    "weighty": Entry("tests.fakes.engines:WeightyEngine"),
    "heavy": Entry("likeness_animator_heavy_package.engine:Engine", extra="heavy"),
    "faulty": Entry("tests.fakes.engines:FaultyEngine"),
}
CLOSED = {
    "fake": Entry("tests.fakes.engines:FakeEngine"),
    "pulled": Entry("tests.unit.animator.test_registry:PulledEngine"),
    "exported": Entry("tests.unit.animator.test_registry:ExportedEngine"),
}


class PulledEngine(FakeEngine):
    """Needs weights that nobody has cleared for commercial use."""

    info = replace(fake_info("pulled", weights=("sadtalker",)), weight_licences=(load("sadtalker").licence,))


class ExportedEngine(FakeEngine):
    """Was made from such weights, and needs nothing from the store."""

    info = replace(PulledEngine.info, name="exported", weights=())


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


def test_weights_that_nobody_has_cleared_restrict_commercial_use(weights: WeightStore) -> None:
    infos = {info.name: info for info in EngineRegistry(weights, CLOSED).infos()}
    assert infos["fake"].commercial_restriction == ""
    for name in ("pulled", "exported"):
        assert "not cleared for commercial use" in infos[name].commercial_restriction
        assert "likeness models show sadtalker" in infos[name].commercial_restriction


def test_weights_of_its_own_are_asked_for_beside_those_for_faces(weights: WeightStore, tmp_path: Path) -> None:
    pulled = next(info for info in EngineRegistry(weights, CLOSED).infos() if info.name == "pulled")
    assert pulled.unavailable_reason == "Its weights are not here. Run `likeness models pull sadtalker` and try again."
    none = EngineRegistry(WeightStore(tmp_path), CLOSED)
    with pytest.raises(FailedPrecondition, match="`likeness models pull face && likeness models pull sadtalker`"):
        none.engine("pulled")


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    manifest = load("sadtalker")
    store = WeightStore(tmp_path)
    first = store.state(manifest)[0]
    first.path.parent.mkdir(parents=True)
    first.path.write_bytes(b"cut off")
    with pytest.raises(FailedPrecondition, match=r"Of its weights, SadTalker_V0\.0\.2_256\.safetensors is damaged"):
        EngineRegistry(store, CLOSED).engine("pulled")


def test_an_engine_works_as_soon_as_its_weights_are_here(tmp_path: Path, weights: WeightStore) -> None:
    store = WeightStore(tmp_path)
    registry = EngineRegistry(store, FAKES)
    assert not registry.infos()[0].available
    for stored in weights.state(load("face")):
        path = store.state(load("face"))[0].path.with_name(stored.path.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stored.path.read_bytes())
    assert registry.infos()[0].available
    assert registry.engine("fake") is registry.engine("fake")


def test_sadtalker_without_its_packages_names_the_extra(weights: WeightStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("likeness_animator.engines.sadtalker.engine.PACKAGES", ("a_package_that_is_not_here",))
    infos = {info.name: info for info in EngineRegistry(weights).infos()}
    assert infos["mesh"].available
    assert infos["sadtalker"].unavailable_reason == (
        "The engine 'sadtalker' cannot render. The package a_package_that_is_not_here is missing. Run `pip install "
        "'likeness-animator[sadtalker]'` and start the service again."
    )
