"""The engine, and hand-made speech."""

from dataclasses import replace

import pytest

from likeness_animator.engines.mesh.engine import MeshEngine
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.portrait import PortraitAnalyser
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_animator.portrait.landmarks import FaceLandmarks
from likeness_common.media import Framing

from .mouths import VIDEO, with_green_mouth


@pytest.fixture(scope="session")
def engine() -> MeshEngine:
    return MeshEngine()


@pytest.fixture(scope="session")
def cut_out(portrait: AnalysedPortrait, analyser: PortraitAnalyser) -> AnalysedPortrait:
    """The portrait with the matte of its person."""
    matte = analyser.load().matte(portrait.image, FaceLandmarks(portrait.landmarks, 1.0))
    assert matte is not None
    return replace(portrait, matte=matte)


@pytest.fixture(scope="module")
def green_mouthed(portrait: AnalysedPortrait) -> Puppet:
    """A puppet whose mouth is green inside, so that the opening can be measured in its frames."""
    return with_green_mouth(Puppet(portrait, VIDEO, Framing.AUTO))
