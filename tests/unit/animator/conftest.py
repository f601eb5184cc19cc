"""The real face models, and a real portrait."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from likeness_animator.portrait import PortraitAnalyser
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import Box, Portrait
from likeness_common.weights import WeightStore

LANDMARKS = Path(__file__).parent / "mesh" / "data" / "astronaut_landmarks.npz"


@pytest.fixture(scope="session")
def analyser(weights: WeightStore) -> PortraitAnalyser:
    return PortraitAnalyser(weights)


@pytest.fixture(scope="session")
def portrait() -> AnalysedPortrait:
    """A real photo with its landmarks."""
    image = data.astronaut()
    landmarks = np.load(LANDMARKS)["landmarks"]
    info = Portrait("a" * 64, image.shape[1], image.shape[0], Box(174, 60, 100, 120))
    return AnalysedPortrait(info, image, landmarks)


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.uint8]:
    """A real photo (512, 512, 3) with one frontal face, about 94 pixels wide around (224, 123)."""
    return np.asarray(data.astronaut())


Encode = Callable[..., bytes]


@pytest.fixture(scope="session")
def encode() -> Encode:
    """Write an array or a PIL image as a file: `encode(image, "PNG", **options)`."""

    def write(image: NDArray[np.uint8] | Image.Image, kind: str = "PNG", **options: object) -> bytes:
        picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
        buffer = BytesIO()
        picture.save(buffer, kind, **options)
        return buffer.getvalue()

    return write
