"""A portrait made ready for films."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.sadtalker.model import Draw, Model
from likeness_animator.engines.sadtalker.options import Options
from likeness_animator.engines.sadtalker.source import Preparation, Source, prepare
from likeness_animator.engines.sadtalker.track import REACH
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_animator.runners import Stop

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What is computed once for a portrait: 8 MB at a size of 256, 32 MB at 512.

    `coefficients` (70,), or (73,) where the crop is told, `canonical` keypoints (1, 15, 3).
    """

    source: Source
    coefficients: Floats
    canonical: Floats
    draw: Draw
    rest: Pixels
    """The portrait drawn unmoved, (size, size, 3)."""


def analyse(model: Model, portrait: AnalysedPortrait, options: Options) -> Subject:
    """Make a portrait ready. Raises InvalidArgument for one that cannot be cut."""
    source = prepare(portrait, options.size, options.preparation)
    coefficients = model.coefficients(source.aligned)
    if options.crop_told:
        coefficients = np.concatenate([coefficients, np.array(source.crop, np.float32)])
    features, canonical = model.source(source.photo)
    at_rest = np.repeat(coefficients[:, np.newaxis], 2 * REACH + 1, axis=1)
    keypoints = model.keypoints(at_rest, canonical)
    draw = model.drawer(features, keypoints)
    return Subject(source, coefficients, canonical, draw, draw(keypoints, Stop()))


class Subjects:
    """Portraits made ready, the last used ones kept. Safe to use from several threads."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[tuple[str, Preparation], Subject] = OrderedDict()
        self._lock = Lock()

    def get(self, model: Model, portrait: AnalysedPortrait, options: Options) -> Subject:
        """The portrait, ready for films with these options. Raises InvalidArgument as `analyse` does."""
        key = portrait.info.id, options.preparation
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        subject = analyse(model, portrait, options)
        with self._lock:
            self._kept[key] = subject
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        return subject
