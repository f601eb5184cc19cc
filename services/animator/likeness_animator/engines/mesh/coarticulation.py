"""From timed sounds to one mouth position at any moment.

Every part of the mouth has its own inertia: its position is the mean of the targets around the moment, seen through a
window of time as wide as that part is slow, and weighted by how strongly each sound insists on its target. What is
known of coarticulation follows from that one mean:

- short sounds do not reach their targets, so that fast speech opens less and slow speech fully (Lindblom,
  "Spectrographic study of vowel reduction", 1963);
- sounds without a say of their own take on the shape of their neighbours (Cohen and Massaro, "Modeling coarticulation
  in synthetic visual speech", 1993);
- lips round before the sound, the jaw is slow and the lips are quick, short obstruents hardly move the jaw, and
  repeated visemes are one (Edwards, Landreth, Fiume and Singh, "JALI: an animator-centric viseme model for expressive
  lip synchronization", 2016).

Means never quite reach a closure, so a gate is laid over it: for p, b and m the lips must meet.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh.pose import MOUTH_FIELDS, MouthPose
from likeness_animator.engines.mesh.visemes import AJAR, REST, Viseme

REACH_AHEAD_S, REACH_BACK_S = 0.120, 0.300
"""What is further away has no influence."""

WINDOWS_S = {
    "jaw": (0.100, 0.110),
    "opening": (0.070, 0.060),
    "shape": (0.120, 0.080),
    "tuck": (0.070, 0.060),
    "tongue": (0.070, 0.070),
}
"""How far each part of the mouth looks ahead and back. Rounding begins earliest; the jaw is slower than the lips."""

_GROUP_OF_FIELD = {
    "jaw": "jaw",
    "upper": "opening",
    "lower": "opening",
    "rounding": "shape",
    "width": "shape",
    "press": "shape",
    "tuck": "tuck",
    "tongue": "tongue",
}
_AHEAD, _BACK = np.array([WINDOWS_S[_GROUP_OF_FIELD[name]] for name in MOUTH_FIELDS]).T

SHORT_PAUSE_S, LONG_PAUSE_S = 0.090, 0.160
"""In pauses up to the first the mouth stays ajar, in those from the second on it closes."""

SHUT_FROM, SHUT_TO = 0.1, 0.75
"""The part of a p, b or m in which the lips touch: before its end they have to open for what follows."""
SHORTEST_CLOSURE_S = 0.044
"""Lips that close and open as below are within a millimetre of each other for 30 ms longer."""
CLOSING_S, OPENING_S = 0.060, 0.060
HELD_S = 0.060
"""Between closures that follow each other within this time the lips stay shut."""
CLOSED_PRESS = 0.9
JAW_RISE, FLATTENING = 0.3, 0.4
"""Lips that are pressed together lift the jaw, and flatten between rounded vowels."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sound:
    """A viseme in time, in seconds."""

    start: float
    end: float
    viseme: Viseme


def mouth_at(time: float, sounds: Sequence[Sound], frame_s: float = 0.0) -> MouthPose:
    """The mouth at `time`, from the sounds between REACH_BACK_S before and REACH_AHEAD_S after it.

    Closures last at least `frame_s`, so that pictures this far apart show every one of them. In pauses longer than
    the windows the mouth is exactly MouthPose(). Time in which no sound is known is a pause.
    """
    near = [sound for sound in sounds if sound.start < time + REACH_AHEAD_S and sound.end > time - REACH_BACK_S]
    if not near:
        return MouthPose()
    near.sort(key=lambda sound: (sound.start, sound.end))
    mouth = _mean(time, near)
    shut = max((gate(time, *closure) for closure in _closures(near, frame_s)), default=0.0)
    return with_lips_shut(MouthPose(*mouth.tolist()), shut) if shut else MouthPose(*mouth.tolist())


def _mean(time: float, sounds: Sequence[Sound]) -> Floats:
    """Every field's mean target, (fields,), in the order of MOUTH_FIELDS."""
    segments = [*sounds, *_pauses(time, sounds)]
    edges = np.array([(segment.start, segment.end) for segment in segments]) - time
    shares = seen(edges[:, 1:]) - seen(edges[:, :1])
    weights = shares * np.array([insistence_of(segment.viseme) for segment in segments])
    targets = np.array([target_of(segment.viseme) for segment in segments])
    return np.asarray((targets * weights).sum(axis=0) / weights.sum(axis=0))


def seen(offset: Floats) -> Floats:
    """The share of each field's window that lies before `offset` seconds from now, (segments, fields).

    The window is a raised cosine that peaks now, with a side for the future and one for the past.
    """
    side = np.where(offset > 0, _AHEAD, _BACK)
    x = np.clip(offset / side, -1.0, 1.0)
    return np.asarray((_BACK + side * (x + np.sin(np.pi * x) / np.pi)) / (_AHEAD + _BACK))


def target_of(viseme: Viseme) -> list[float]:
    """A viseme's target, in the order of MOUTH_FIELDS."""
    return [getattr(viseme.target, name) for name in MOUTH_FIELDS]


def insistence_of(viseme: Viseme) -> list[float]:
    """How strongly a viseme insists on every field, in the order of MOUTH_FIELDS."""
    return [getattr(viseme.insistence, _GROUP_OF_FIELD[name]) for name in MOUTH_FIELDS]


def _pauses(time: float, sounds: Sequence[Sound]) -> Iterator[Sound]:
    """What lies between sounds, and before and after all of them.

    How long a pause will last is known only as far as the mouth looks ahead; it counts as long as is known of it.
    """
    end = -math.inf
    for sound in sounds:
        if sound.start > end:
            yield _pause(end, sound.start, time)
        end = max(end, sound.end)
    yield _pause(end, math.inf, time)


def _pause(start: float, end: float, time: float) -> Sound:
    known = min(end, time + REACH_AHEAD_S) - start
    closed = ramp((known - SHORT_PAUSE_S) / (LONG_PAUSE_S - SHORT_PAUSE_S))
    return Sound(start, end, REST if closed == 1 else AJAR.towards(REST, closed))


def _closures(sounds: Sequence[Sound], frame_s: float) -> Iterator[tuple[float, float]]:
    """When the lips touch, as (start, end)."""
    held: tuple[float, float] | None = None
    for sound in sounds:
        if not sound.viseme.closes:
            if held:
                yield held
            held = None
            continue
        start, end = closure_of(sound, max(SHORTEST_CLOSURE_S, frame_s))
        if held and sound.start - held[1] > HELD_S:
            yield held
            held = None
        held = (held[0] if held else start, end)
    if held:
        yield held


def closure_of(sound: Sound, shortest: float) -> tuple[float, float]:
    """When the lips touch for a sound, as (start, end), for at least `shortest` seconds."""
    length = sound.end - sound.start
    start, end = sound.start + SHUT_FROM * length, sound.start + SHUT_TO * length
    missing = max(0.0, shortest - (end - start))
    return start - missing / 2, end + missing / 2


def gate(time: float, start: float, end: float) -> float:
    """1 while the lips must touch, 0 away from it; they close a little slower than they burst open."""
    return 1 - ramp(max((start - time) / CLOSING_S, (time - end) / OPENING_S))


def with_lips_shut(mouth: MouthPose, shut: float) -> MouthPose:
    """The same mouth with its lips brought together, 0 not at all to 1 until they touch."""
    return MouthPose(
        jaw=mouth.jaw * (1 - JAW_RISE * shut),
        upper=mouth.upper * (1 - shut),
        lower=mouth.lower * (1 - shut),
        rounding=mouth.rounding,
        width=mouth.width * (1 - FLATTENING * shut),
        press=mouth.press + (CLOSED_PRESS - mouth.press) * shut,
        tuck=mouth.tuck * (1 - shut),
        tongue=mouth.tongue,
    )


def ramp(x: float) -> float:
    """From 0 to 1 with x, smoothly."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)
