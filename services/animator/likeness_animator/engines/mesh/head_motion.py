"""How the head moves: it drifts, breathes, nods with the beats of the speech and takes a new posture with a phrase.

Heads move more while speaking than while listening, in time with stress and pitch (Hadar et al., "Kinematics of head
movements accompanying speech during conversation", 1983).
"""

import math
from dataclasses import dataclass, field

from likeness_animator.engines.mesh.easing import Path, along, ease, expire, hump, settle
from likeness_animator.engines.mesh.memory import Memory, width
from likeness_animator.engines.mesh.phrasing import HOP_S, Cue
from likeness_animator.engines.mesh.pose import HeadPose
from likeness_animator.engines.mesh.randomness import between, centred, chance, noise

EASE_IN_S = 1.6
"""A film starts from the photographed position."""
DRIFT = HeadPose(yaw=4.6, pitch=2.6, roll=2.6, shift_x=2.2, shift_y=1.2)
IDLE_SHARE = 0.6
POSTURE = (3.6, 1.8, 2.6)
"""Largest yaw, pitch and roll of a posture, in degrees; small ones are more likely."""
START_SHARE, END_SHARE, IDLE_POSTURE_S = 0.45, 0.35, 4.5
POSTURE_S, LIVELY_S = 1.1, 1.2
NOD_DEGREES, TILT_DEGREES = 1.7, 1.5
NOD_S, NOD_HOLD_S, RETURN_S = 0.24, 0.02, 0.44
NOD_SHARE, TILT_SHARE = 0.66, 0.16
"""Of the beats: most nod, some tilt the head, the rest lift it."""
BREATH_S, BREATH_MM, BREATH_DEGREES = 4.2, 1.0, 0.3
MEMORY_S = 1.5


@dataclass(slots=True)
class HeadMotion(Memory):
    """`postures`: [time, yaw, pitch, roll]. `nods`: [time, pitch, roll]. `lively`: [time, 0 idle or 1 speaking]."""

    postures: Path = field(default_factory=lambda: [[0.0, 0.0, 0.0, 0.0]], metadata=width(4))
    nods: Path = field(default_factory=list[list[float]], metadata=width(3))
    lively: Path = field(default_factory=lambda: [[0.0, 0.0]], metadata=width(2))

    def decide(self, cue: Cue, start: float, seed: int) -> None:
        """Perhaps begin a movement at `start`, in seconds."""
        settle(self.postures, start - 0.3, POSTURE_S)
        settle(self.lively, start - 0.3, LIVELY_S)
        expire(self.nods, start - MEMORY_S)
        key = round(cue.time / HOP_S)
        if cue.started and self.lively[-1][1] < 1:
            self.lively.append([start, 1.0])
        if cue.quiet > LIVELY_S and self.lively[-1][1] > 0:
            self.lively.append([start, 0.0])
        shift = START_SHARE * cue.started + END_SHARE * cue.ended
        bored = not cue.speaking and start - self.postures[-1][0] > IDLE_POSTURE_S
        if bored or (shift and chance(seed, 50, key) < shift):
            size = IDLE_SHARE if bored else 1.0
            self.postures.append([start, *(size * most * centred(seed, 51 + i, key) for i, most in enumerate(POSTURE))])
        if cue.beat:
            self._nod(cue, start, key, seed)

    def _nod(self, cue: Cue, start: float, key: int, seed: int) -> None:
        kind, size = chance(seed, 55, key), cue.beat * between(0.6, 1.0, seed, 56, key)
        side = 1 if chance(seed, 57, key) < 0.5 else -1
        if kind < NOD_SHARE:
            self.nods.append([start, NOD_DEGREES * size, 0.0])
        elif kind < NOD_SHARE + TILT_SHARE:
            self.nods.append([start, 0.3 * NOD_DEGREES * size, side * TILT_DEGREES * size])
        else:
            self.nods.append([start, -0.6 * NOD_DEGREES * size, 0.0])

    def at(self, time: float, seed: int, energy: float) -> HeadPose:
        """The position at `time`. `energy` scales all but the breath."""
        begun = ease(time / EASE_IN_S)
        size = energy * begun
        drifting = size * (IDLE_SHARE + (1 - IDLE_SHARE) * along(self.lively, time, LIVELY_S)[0])
        yaw, pitch, roll = along(self.postures, time, POSTURE_S)
        for start, down, aside in self.nods:
            shape = hump(time - start, NOD_S, NOD_HOLD_S, RETURN_S)
            pitch += down * shape
            roll += aside * shape
        breath = begun * math.sin(2 * math.pi * (time / BREATH_S + 0.4 * noise(seed, 19, time, 7.3)))
        return HeadPose(
            yaw=size * yaw + drifting * _drift(DRIFT.yaw, 10, 2.3, seed, time),
            pitch=size * pitch + drifting * _drift(DRIFT.pitch, 11, 1.9, seed, time) - BREATH_DEGREES * breath,
            roll=size * roll + drifting * _drift(DRIFT.roll, 12, 2.7, seed, time),
            shift_x=drifting * _drift(DRIFT.shift_x, 13, 2.6, seed, time),
            shift_y=drifting * _drift(DRIFT.shift_y, 14, 2.1, seed, time) - BREATH_MM * breath,
        )


def _drift(size: float, channel: int, period: float, seed: int, time: float) -> float:
    slow, quick = noise(seed, channel, time, period), noise(seed, channel + 100, time, period / 2.3)
    return size * (0.75 * slow + 0.25 * quick)
