"""From timed sounds to one mouth position at any moment.

Dominance functions (Cohen and Massaro, "Modeling coarticulation in synthetic visual speech", 1993): every sound pulls
towards its target with a strength that falls off exponentially with the distance in time; the position is the weighted
mean. Two gates are laid over it, because means never quite reach zero: lips shut for p, b and m, and in pauses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from likeness_animator.engines.mesh.pose import MOUTH_FIELDS, MouthPose
from likeness_animator.engines.mesh.visemes import Insistence, Viseme

ANTICIPATION_S, CARRY_OVER_S = 0.042, 0.048
REACH_AHEAD_S, REACH_BACK_S = 0.120, 0.300
PLATEAU = 0.5
"""Share of a sound during which its strength stays at its peak."""
CLOSED_CORE_S = 0.024
"""Half of the shortest closure: with it, one frame at 25 fps falls on every p, b and m."""
CLOSING_S, OPENING_S = 0.052, 0.045
FALL_S, RISE_S = 0.090, 0.080
"""How fast the mouth comes to rest after speech, and how long before speech it starts to open."""
CLOSED_PRESS = 0.9
JAW_RISE, FLATTENING = 0.5, 0.75
"""Lips that are pressed together lift the jaw, and flatten between rounded vowels."""

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


@dataclass(frozen=True, slots=True)
class Sound:
    """A viseme in time, in seconds."""

    start: float
    end: float
    viseme: Viseme

    @property
    def middle(self) -> float:
        """Its centre."""
        return (self.start + self.end) / 2


def _vector(pose: MouthPose) -> list[float]:
    return [getattr(pose, name) for name in MOUTH_FIELDS]


def _strengths(insistence: Insistence) -> list[float]:
    return [getattr(insistence, _GROUP_OF_FIELD[name]) for name in MOUTH_FIELDS]


def mouth_at(time: float, sounds: Sequence[Sound]) -> MouthPose:
    """The mouth at `time`, from the sounds between REACH_BACK_S before and REACH_AHEAD_S after it, in order."""
    near = [sound for sound in sounds if sound.start < time + REACH_AHEAD_S and sound.end > time - REACH_BACK_S]
    speaking = _speaking(time, near)
    if speaking <= 0:
        return MouthPose()
    targets = np.array([_vector(sound.viseme.target) for sound in near])
    strengths = np.array([_strengths(sound.viseme.insistence) for sound in near])
    strengths *= np.array([_dominance(time, sound) for sound in near])[:, None]
    blended = (targets * strengths).sum(axis=0) / (strengths.sum(axis=0) + 1e-9) * speaking
    mouth = dict(zip(MOUTH_FIELDS, blended.tolist(), strict=True))
    shut = max((_shut(time, sound) for sound in near if sound.viseme.closes), default=0.0)
    mouth["upper"] *= 1 - shut
    mouth["lower"] *= 1 - shut
    mouth["tuck"] *= 1 - shut
    mouth["width"] *= 1 - FLATTENING * shut
    mouth["jaw"] *= 1 - JAW_RISE * shut
    mouth["press"] += (CLOSED_PRESS - mouth["press"]) * shut
    return MouthPose(**mouth)


def _ramp(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


def _dominance(time: float, sound: Sound) -> float:
    offset = time - sound.middle
    distance = max(0.0, abs(offset) - PLATEAU * (sound.end - sound.start) / 2)
    strength = float(np.exp(-distance / (CARRY_OVER_S if offset > 0 else ANTICIPATION_S)))
    # Fading in and out at the ends of what is looked at keeps the curve smooth.
    fade_in = _ramp((time + REACH_AHEAD_S - sound.start) / (REACH_AHEAD_S / 2))
    return strength * fade_in * _ramp((sound.end - time + REACH_BACK_S) / 0.1)


def _shut(time: float, sound: Sound) -> float:
    """1 while the lips must touch, 0 away from it; they close a little slower than they burst open."""
    core = max(0.4 * (sound.end - sound.start), CLOSED_CORE_S)
    beyond = abs(time - sound.middle) - core
    return 1 - _ramp(beyond / (CLOSING_S if time < sound.middle else OPENING_S))


def _speaking(time: float, near: Sequence[Sound]) -> float:
    """1 inside speech, 0 in pauses."""
    level = 0.0
    for sound in near:
        after, before = time - sound.end, sound.start - time
        level = max(level, 1 - _ramp(max(after / FALL_S, before / RISE_S)))
    return level
