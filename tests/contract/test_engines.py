"""One suite over every engine of the animator."""

from collections.abc import Mapping

import pytest

from likeness_animator.portrait import AnalysedPortrait, PortraitAnalyser
from likeness_animator.registry import ENGINES, EngineRegistry
from likeness_common.errors import InvalidArgument
from likeness_common.weights import WeightStore, load
from tests.contract.engine_rules.rules import RULES, Rule
from tests.contract.engine_rules.subject import Subject
from tests.contract.photos import refused_photos, two_faces
from tests.fakes.engines import SMALL_ENGINES

pytestmark = pytest.mark.contract

REDUCED = {"weights", "max_side", "memory_mib", "expected_rtf"}
"""What an engine that runs here at a reduced size may say otherwise."""
ADDED = {"unavailable_reason", "commercial_restriction"}
"""What the registry adds, from the weights."""


@pytest.fixture(scope="module", params=ENGINES)
def subject(
    request: pytest.FixtureRequest,
    weights: WeightStore,
    files: Mapping[str, bytes],
    portraits: Mapping[str, AnalysedPortrait],
) -> Subject:
    return Subject(request.param, SMALL_ENGINES, weights, files["plain"], portraits)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_engines_keep_the_rule(subject: Subject, rule: Rule) -> None:
    rule(subject)


def test_what_runs_here_is_what_is_registered(subject: Subject, weights: WeightStore) -> None:
    registered = {info.name: info for info in EngineRegistry(weights).infos()}[subject.name]
    same = set(registered.__slots__) - REDUCED - ADDED
    assert {name: getattr(subject.info, name) for name in same} == {name: getattr(registered, name) for name in same}
    assert {load(name).licence for name in registered.weights} <= set(registered.weight_licences)


@pytest.mark.parametrize("reason", refused_photos())
def test_no_engine_gets_a_portrait_that_cannot_speak(weights: WeightStore, reason: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        PortraitAnalyser(weights).analyse(refused_photos()[reason])
    assert refused.value.reason.value == reason
    assert refused.value.field == "portrait"


def test_of_several_faces_the_largest_speaks(weights: WeightStore) -> None:
    portrait = PortraitAnalyser(weights).analyse(two_faces())
    assert portrait.info.face.x < portrait.info.width / 2
    assert "2 faces" in portrait.info.notices[0]
