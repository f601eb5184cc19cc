"""A real portrait, and the engine at a reduced size."""

from pathlib import Path

import numpy as np
import pytest
from skimage import data

from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import Box, Portrait
from tests.fakes.sadtalker import SmallSadTalker

LANDMARKS = Path(__file__).parents[1] / "mesh" / "data" / "astronaut_landmarks.npz"


@pytest.fixture(scope="session")
def portrait() -> AnalysedPortrait:
    image = data.astronaut()
    landmarks = np.load(LANDMARKS)["landmarks"]
    info = Portrait("a" * 64, image.shape[1], image.shape[0], Box(174, 60, 100, 120))
    return AnalysedPortrait(info, image, landmarks)


@pytest.fixture(scope="session")
def engine() -> SmallSadTalker:
    return SmallSadTalker()
