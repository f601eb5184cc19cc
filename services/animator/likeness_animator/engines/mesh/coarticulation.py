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

Means never quite reach a closure, so p, b and m are laid over it: the lips must meet, and part again. They come and go
at their highest speed rather than slow down before they touch, and are pressed together after it, as lips are that aim
beyond each other (Lofqvist and Gracco, "Lip and jaw kinematics in bilabial stop consonant production", 1997). How fast
that is, and not how long the neighbours are, limits how far lips open between closures.

Windows and weights are such that away from closures the lower lip moves by no more than 3 to 7 mm in 40 ms (99th
percentile, by language and up to 1.7 times the usual rate), and the jaw by 3 to 4: it is slower than the lower lip
(Birkholz and Hoole, "Intrinsic velocity differences of lip and jaw movements", 2012).
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
    "jaw": (0.120, 0.160),
    "opening": (0.090, 0.080),
    "shape": (0.120, 0.100),
    "tuck": (0.090, 0.080),
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
HELD_S = 0.060
"""Between closures that follow each other within this time the lips stay shut."""
LIPS_PER_S = 15.0
"""Of their widest opening: 210 mm a second for the lower lip, and 63 for the upper one."""
SHARPNESS = 6
"""Of the bend where lips reach this speed. The softer it is, the earlier a closure is felt."""
PRESSING_S = 0.060
CLOSED_PRESS = 0.9
JAW_RISE, FLATTENING = 0.2, 0.4
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
    mouth = MouthPose(*_mean(time, near).tolist())
    away = min((away_from(time, *closure) for closure in _closures(near, frame_s)), default=math.inf)
    return near_closure(mouth, away)


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


def away_from(time: float, start: float, end: float) -> float:
    """Seconds from `time` to the nearest moment between two others; 0 between them."""
    return max(start - time, time - end, 0.0)


def near_closure(mouth: MouthPose, away: float, certain: float = 1.0) -> MouthPose:
    """The same mouth, `away` seconds from when its lips touch, if it is `certain` that they do (0 to 1)."""
    pressed = certain * (1 - ramp(away / PRESSING_S))
    return MouthPose(
        jaw=mouth.jaw * (1 - JAW_RISE * pressed),
        upper=mouth.upper + (_within_reach(mouth.upper, away) - mouth.upper) * certain,
        lower=mouth.lower + (_within_reach(mouth.lower, away) - mouth.lower) * certain,
        rounding=mouth.rounding,
        width=mouth.width * (1 - FLATTENING * pressed),
        press=mouth.press + (CLOSED_PRESS - mouth.press) * pressed,
        tuck=mouth.tuck * (1 - pressed),
        tongue=mouth.tongue,
    )


def _within_reach(opening: float, away: float) -> float:
    """The part of a lip's opening that it can have, coming from a closure or going to one."""
    reach = LIPS_PER_S * away
    return float(reach * (1 + (reach / opening) ** SHARPNESS) ** (-1 / SHARPNESS)) if reach < 4 * opening else opening


def ramp(x: float) -> float:
    """From 0 to 1 with x, smoothly."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)
