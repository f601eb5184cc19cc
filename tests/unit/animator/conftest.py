"""The real face models, fetched when they are not here yet."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from likeness_animator.portrait import PortraitAnalyser
from likeness_common.weights import WeightStore, default_root, load


@pytest.fixture(scope="session")
def weights() -> WeightStore:
    store = WeightStore(default_root())
    store.pull(load("face"))
    return store


@pytest.fixture(scope="session")
def analyser(weights: WeightStore) -> PortraitAnalyser:
    return PortraitAnalyser(weights)


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
