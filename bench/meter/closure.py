"""Whether lips meet where they must, rest in pauses, and open on vowels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.meter.faces import Track
from bench.meter.film import RATE
from bench.meter.phonemes import BILABIALS, OPEN_VOWELS, VOWELS, plain
from likeness_common.media import Mark

CLOSED_GAP = 0.06
STILL_STEP = 0.01
"""In mouth widths, and mouth widths a frame."""

PAUSE_S = 0.2
SETTLING_S = 0.08
"""Lips may take this long to come to rest when a pause begins, and leave it as long before the next sound."""


@dataclass(frozen=True)
class Closure:
    """Shares from 0 to 1; gaps in mouth widths. `vowels` maps each vowel to the median of its widest gaps."""

    bilabials: float
    bilabial_count: int
    pauses_closed: float
    pauses_still: float
    pauses_both: float
    pause_frames: int
    closed_gap: float
    open_gap: float
    vowels: dict[str, float]
    missed: list[str]

    @property
    def contrast(self) -> float:
        """How many times the closed gap open vowels reach; a hundredth of the mouth counts as closed."""
        return self.open_gap / max(self.closed_gap, 0.01)


def measure(track: Track, marks: list[Mark], sound_delay_s: float = 0.0) -> Closure:
    """Look at the mouth in the frames of each mark."""
    gap, frame = track.gap, 1 / track.fps
    spans = [(mark, _frames(track, mark, sound_delay_s, frame)) for mark in marks]
    lips = [(mark, gap[around]) for mark, around in spans if plain(mark.value)[:1] in BILABIALS and around.any()]
    shut = [bool(gaps.min() < CLOSED_GAP) for _, gaps in lips]
    resting = _resting(track, marks, sound_delay_s)
    closed = gap < CLOSED_GAP
    still = np.abs(np.diff(gap, prepend=gap[:1])) < STILL_STEP
    vowels = _vowels([(plain(mark.value), gap[around]) for mark, around in spans])
    opened = [gaps.max() for mark, gaps in ((m, gap[a]) for m, a in spans) if _is_open(mark.value) and len(gaps)]
    return Closure(
        bilabials=float(np.mean(shut)),
        bilabial_count=len(shut),
        pauses_closed=float(closed[resting].mean()) if resting.any() else float("nan"),
        pauses_still=float(still[resting].mean()) if resting.any() else float("nan"),
        pauses_both=float((closed & still)[resting].mean()) if resting.any() else float("nan"),
        pause_frames=int(resting.sum()),
        closed_gap=float(np.median(gap[resting])) if resting.any() else float("nan"),
        open_gap=float(np.median(opened)),
        vowels=vowels,
        missed=[
            f"{mark.value} at {mark.start_sample / RATE:.2f} s: {gaps.min():.3f}"
            for (mark, gaps), good in zip(lips, shut, strict=True)
            if not good
        ],
    )


def _frames(track: Track, mark: Mark, delay_s: float, frame: float) -> NDArray[np.bool_]:
    """Frames that show during a mark, and one more on either side."""
    start, end = mark.start_sample / RATE + delay_s, mark.end_sample / RATE + delay_s
    return np.asarray((track.times > start - 2 * frame) & (track.times < end + frame))


def _resting(track: Track, marks: list[Mark], delay_s: float) -> NDArray[np.bool_]:
    """Frames in pauses longer than PAUSE_S, without the moments in which the lips settle."""
    resting = np.zeros(len(track.times), bool)
    for start, end in pauses(marks):
        if end - start > PAUSE_S:
            begin, stop = start + delay_s + SETTLING_S, end + delay_s - SETTLING_S
            resting |= (track.times >= begin) & (track.times <= stop)
    return resting


def pauses(marks: list[Mark]) -> list[tuple[float, float]]:
    """Stretches of silence in seconds; silent marks that touch are one."""
    found: list[tuple[float, float]] = []
    for mark in marks:
        if mark.value:
            continue
        start, end = mark.start_sample / RATE, mark.end_sample / RATE
        if found and start - found[-1][1] < 1e-6:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _is_open(value: str) -> bool:
    return plain(value)[:1] in OPEN_VOWELS


def _vowels(spans: list[tuple[str, NDArray[np.float64]]]) -> dict[str, float]:
    widest: dict[str, list[float]] = {}
    for value, gaps in spans:
        if value[:1] in VOWELS and len(gaps):
            widest.setdefault(value, []).append(float(gaps.max()))
    return {value: float(np.median(found)) for value, found in sorted(widest.items())}
