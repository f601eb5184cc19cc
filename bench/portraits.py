"""The portraits that benchmarks film: photos in the public domain, what becomes of them in practice, and painted faces.

Nothing is stored in the repository. The astronaut comes with scikit-image; Grace Hopper (US Navy, public domain) is
read out of the matplotlib wheel, which pip fetches once into the store of the weights.
"""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from bench import painted_faces
from likeness_common.weights import default_root
from likeness_common.weights.digest import sha256_of
from likeness_common.weights.manifest import WeightFile, WheelSource
from likeness_common.weights.source import Progress
from likeness_common.weights.wheel import PipWheel

Image = NDArray[np.uint8]

FACE_BOX = (slice(25, 235), slice(120, 330))
"""Rows and columns of the astronaut's head."""

HOPPER = WeightFile(
    name="grace_hopper.jpg",
    size=61306,
    sha256="a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130",
    member="matplotlib/mpl-data/sample_data/grace_hopper.jpg",
)
MATPLOTLIB = WheelSource(
    requirement="matplotlib==3.11.2",
    python_version="3.11",
    platform="manylinux2014_x86_64",
    filename="matplotlib-3.11.2-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    size=9854405,
    sha256="07d9b9fa60cd4c393692f50d0bb03123242ddf61c99bb0e95e75feb354e7c1a8",
)


@cache
def astronaut() -> Image:
    """512 x 512, the face 94 pixels wide, with an open smile."""
    return np.asarray(data.astronaut(), np.uint8)


@cache
def hopper() -> Image:
    """512 x 600, the face 189 pixels wide: mouth closed, glasses, a hat and flags behind."""
    path = default_root() / HOPPER.name
    if not path.is_file() or sha256_of(path) != HOPPER.sha256:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as staging:
            PipWheel(MATPLOTLIB).fetch([HOPPER], Path(staging), _ignore)
            (Path(staging) / HOPPER.name).replace(path)
    picture = cv2.imread(str(path))
    assert picture is not None
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def _ignore(_: Progress) -> None:
    """A benchmark shows no progress of a short download."""


def resized(image: Image, height: int) -> Image:
    """At another height, in its own aspect ratio."""
    way = cv2.INTER_AREA if height < image.shape[0] else cv2.INTER_CUBIC
    width = round(image.shape[1] * height / image.shape[0])
    return np.asarray(cv2.resize(image, (width, height), interpolation=way), np.uint8)


def mirrored(image: Image) -> Image:
    """Left and right exchanged."""
    return np.ascontiguousarray(image[:, ::-1])


def darkened(image: Image) -> Image:
    """Two stops less light, in the gamma of sRGB."""
    return np.asarray(np.rint(image * 0.25 ** (1 / 2.2)), np.uint8)


def off_centre(image: Image) -> Image:
    """The face in a corner of a wide picture."""
    return np.ascontiguousarray(image[:290, 150:])


PORTRAITS: dict[str, Callable[[], Image]] = {
    "astronaut": astronaut,
    "hopper": hopper,
    "shaded": lambda: painted_faces.paint(painted_faces.SHADED),
    "drawn": lambda: painted_faces.paint(painted_faces.DRAWN),
    "crop": lambda: np.ascontiguousarray(astronaut()[FACE_BOX]),
    "off centre": lambda: off_centre(astronaut()),
    "mirror": lambda: mirrored(astronaut()),
    "dark": lambda: darkened(hopper()),
    "128 px": lambda: resized(hopper(), 128),
    "1080p": lambda: resized(hopper(), 1080),
}
"""From name to picture (height, width, 3) in RGB."""


def png(image: Image) -> bytes:
    """The picture as a file that a caller would upload."""
    _, encoded = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    return encoded.tobytes()
