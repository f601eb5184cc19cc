"""When the lids shut, and how.

Adults in conversation blink about 10 to 25 times a minute, irregularly (Bentivoglio et al., "Analysis of blink rate
patterns in normal subjects", 1997), and most often where a phrase ends or begins (Nakano and Kitazawa, "Eyeblink
entrainment at breakpoints of speech", 2010). Lids close within 0.1 s and take twice as long to open (Evinger et al.,
"Eyelid movements", 1991).
"""

import math
from dataclasses import dataclass, field

from likeness_animator.engines.mesh.easing import Path, expire, hump
from likeness_animator.engines.mesh.memory import Memory, width
from likeness_animator.engines.mesh.phrasing import HOP_S, Cue
from likeness_animator.engines.mesh.randomness import between, chance

REFRACTORY_S = 0.9
MEDIAN_WAIT_S, LONGEST_WAIT_S, SPREAD = 3.0, 9.0, 0.55
"""From the end of the refractory time to a blink that nothing else brings about: a log-normal, cut off."""
HOLD_BACK_S = 1.6
"""While speaking, a blink that is due waits this long for a pause."""
END_SHARE, START_SHARE, GLANCE_SHARE = 0.5, 0.22, 0.35
"""Of phrase ends, of phrase beginnings, and of wide glances, those that come with a blink, if the last is long ago."""
READY_AFTER_S = 4.0
CLOSING_S, SHUT_S, OPENING_S = 0.085, 0.04, 0.2
DOUBLE_SHARE, PARTIAL_SHARE = 0.1, 0.12
DOUBLE_AFTER_S = 0.38
LATEST_S = 0.15
MEMORY_S = 1.5


@dataclass(slots=True)
class Blinking(Memory):
    """`blinks` are [start, depth, slowness] of the last moments; `due` is when the next comes by itself."""

    blinks: Path = field(default_factory=list[list[float]], metadata=width(3))
    last: float = -2.0
    due: float = 0.0

    def decide(self, cue: Cue, start: float, seed: int, rate: float, glanced: bool) -> None:
        """Perhaps begin to blink at `start`, in seconds. `rate` is relative to the usual."""
        expire(self.blinks, start - MEMORY_S)
        since = start - self.last
        if self.due <= 0:
            self.due = start + self._wait(0, seed, rate)
        if since < REFRACTORY_S:
            return
        key = round(cue.time / HOP_S)
        ready = min((since - REFRACTORY_S) * rate / READY_AFTER_S, 1.0)
        occasion = END_SHARE * cue.ended + START_SHARE * cue.started + GLANCE_SHARE * glanced
        invited = occasion > 0 and chance(seed, 30, key) < occasion * ready
        overdue = start - self.due
        if invited or overdue >= (HOLD_BACK_S if cue.speaking else 0.0):
            self._begin(start + between(0.0, LATEST_S, seed, 37, key), key, seed, rate)

    def _wait(self, key: int, seed: int, rate: float) -> float:
        # The sum of a few even numbers is near enough to a normal one.
        normal = sum(chance(seed, 31, key, part) for part in range(6)) * math.sqrt(2) - 3 * math.sqrt(2)
        return REFRACTORY_S + min(MEDIAN_WAIT_S * math.exp(SPREAD * normal), LONGEST_WAIT_S) / rate

    def _begin(self, start: float, key: int, seed: int, rate: float) -> None:
        partial = chance(seed, 32, key) < PARTIAL_SHARE
        depth = between(0.55, 0.8, seed, 33, key) if partial else 1.0
        slowness = between(0.9, 1.2, seed, 34, key)
        self.blinks.append([start, depth, slowness])
        self.last = start
        if not partial and chance(seed, 35, key) < DOUBLE_SHARE:
            self.last = start + DOUBLE_AFTER_S * slowness
            self.blinks.append([self.last, between(0.8, 1.0, seed, 36, key), slowness])
        self.due = self.last + self._wait(key, seed, rate)

    def shut(self, time: float) -> float:
        """How far the lids are shut: 0 open to 1."""
        return max((depth * _shape((time - start) / slowness) for start, depth, slowness in self.blinks), default=0.0)


def _shape(time: float) -> float:
    return hump(time, CLOSING_S, SHUT_S, OPENING_S)
