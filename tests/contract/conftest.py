"""What the suites over engines share."""

import pytest

pytest.register_assert_rewrite("tests.contract.engine_rules")

from collections.abc import Mapping  # noqa: E402 - only modules imported from here on are rewritten

from likeness_animator.portrait import AnalysedPortrait, PortraitAnalyser  # noqa: E402 - as above
from likeness_common.weights import WeightStore  # noqa: E402 - as above
from tests.contract.photos import photos  # noqa: E402 - as above


@pytest.fixture(scope="session")
def files() -> Mapping[str, bytes]:
    """Photos by what is odd about them."""
    return photos()


@pytest.fixture(scope="session")
def portraits(weights: WeightStore, files: Mapping[str, bytes]) -> Mapping[str, AnalysedPortrait]:
    """The same photos, analysed."""
    analyser = PortraitAnalyser(weights)
    return {name: analyser.analyse(file) for name, file in files.items()}
