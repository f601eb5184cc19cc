"""Figures with their limits, out of what was measured."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median as middle

import numpy as np

from bench.meter.shooting import Shot

WIDE_FACE = 200
"""Pixels from which on sync is promised."""


@dataclass(frozen=True)
class Figure:
    """A figure and what it has to lie between; without limits it is information."""

    name: str
    value: float
    least: float = -math.inf
    most: float = math.inf

    @property
    def good(self) -> bool:
        """Whether it lies within its limits; what could not be measured does not."""
        return self.least <= self.value <= self.most or (math.isinf(self.least) and math.isinf(self.most))

    def __str__(self) -> str:
        digits = 0 if abs(self.value) >= 100 or self.value == round(self.value, 2) == round(self.value) else 2
        return f"{self.value:.{digits}f}{'' if self.good else ' !'}"


def of(shot: Shot) -> list[Figure]:
    """All figures of one film that was told its phonemes."""
    return [*_mouth(shot, 0.8), *_life(shot), *_identity(shot)]


def heard(shot: Shot) -> list[Figure]:
    """Figures of a film that was made from the sound alone."""
    return _mouth(shot, 0.7, strict=False)


def vowels(shots: Sequence[Shot]) -> dict[str, list[Figure]]:
    """Median of the widest gaps of each vowel over several films."""
    found: dict[str, list[float]] = {}
    for shot in shots:
        for vowel, gap in shot.closure.vowels.items():
            found.setdefault(vowel, []).append(gap)
    ordered = sorted(found.items(), key=lambda item: -middle(item[1]))
    return {vowel: [Figure("gap", middle(gaps))] for vowel, gaps in ordered}


def median(columns: Sequence[Sequence[Figure]]) -> list[Figure]:
    """Each figure's median over several films."""
    return [replace(same[0], value=middle([figure.value for figure in same])) for same in zip(*columns, strict=True)]


def _mouth(shot: Shot, least_sync: float, *, strict: bool = True) -> list[Figure]:
    width, mouth = shot.track.face_width, shot.closure
    wide, limit = width >= WIDE_FACE, 0.95 if strict else -math.inf
    return [
        Figure("face px", round(width)),
        Figure("sync", shot.sync.peak, least_sync if wide else -math.inf),
        Figure("lag ms", shot.sync.lag_ms, -40, 40),
        Figure("p b m shut", mouth.bilabials, limit),
        Figure("pauses shut", mouth.pauses_closed),
        Figure("and still", mouth.pauses_both, limit),
        Figure("rest gap", mouth.closed_gap),
        Figure("open/rest", mouth.contrast, 4 if strict else -math.inf),
    ]


def _life(shot: Shot) -> list[Figure]:
    # A film of some seconds says too little about blinks to be held to limits.
    return [
        Figure("rotation", shot.life.rotation, 1, 4),
        Figure("accel mm", shot.life.acceleration_mm),
    ]


def _identity(shot: Shot) -> list[Figure]:
    looks = shot.looks
    quality = [look.psnr for look in looks]
    edges = [look.edges for look in looks]
    return [
        Figure("PSNR", middle(quality), 32),
        Figure("PSNR min", min(quality)),
        Figure("backgr.", max(look.background_mean for look in looks), most=1.5),
        Figure("b. peak", max(look.background_peak for look in looks), most=16),
        _where_told("beside", [look.beside_mean for look in looks], 1.5),
        _where_told("bs. peak", [look.beside_peak for look in looks], 16),
        Figure("holes", max(look.holes for look in looks), most=0),
        Figure("edges", edges[int(np.argmax(np.abs(np.log(edges))))], 0.7, 1.2),
    ]


def _where_told(name: str, values: Sequence[float], most: float) -> Figure:
    """The largest value of the pictures in which the person was told from the background; of some drawings none is."""
    told = [value for value in values if not math.isnan(value)]
    return Figure(name, max(told), most=most) if told else Figure(name, math.nan)
