"""Where the eyes look.

Listeners' eyes are met most of the time, in fixations of irregular length around the other's eyes and mouth; speakers
look away briefly to think, mostly as a phrase begins or after it ends (Kendon, "Some functions of gaze-direction in
social interaction", 1967; Lee et al., "Eyes alive", 2002). When the head turns, the eyes turn back and stay on what
they look at: the vestibulo-ocular reflex.
"""

import math
from dataclasses import dataclass, field

from likeness_animator.engines.mesh.easing import Path, along, settle
from likeness_animator.engines.mesh.memory import Memory, width
from likeness_animator.engines.mesh.phrasing import HOP_S, Cue
from likeness_animator.engines.mesh.pose import HeadPose
from likeness_animator.engines.mesh.randomness import between, centred, chance

SACCADE_S = 0.06
MM_PER_DEGREE = 0.2
"""An iris lies 11.5 mm from the centre of its eye."""
ACROSS_DEGREES, DOWN_DEGREES = 1.6, 0.9
"""Size of the small shifts around the viewer's eyes."""
SHORTEST_S, LONGEST_S, MEDIAN_S, SPREAD = 0.3, 3.0, 0.85, 0.6
ASIDE_SHARE, ASIDE_AT_PAUSE_SHARE = 0.05, 0.22
ASIDE_DEGREES = (4.0, 7.5)
ASIDE_S = (0.4, 1.2)
AT_EASE_GAIN, CONTACT_GAIN = 0.75, 1.0
"""How much of the head's rotation the eyes take back."""
CONTACT_SHIFT = 0.2
LIMIT_DEGREES = (10.0, 6.0)


@dataclass(slots=True)
class Gaze(Memory):
    """`path` holds [time, degrees right, degrees down]; `until` is when the present fixation ends."""

    path: Path = field(default_factory=lambda: [[0.0, 0.0, 0.0]], metadata=width(3))
    until: float = 0.0
    aside: bool = False

    def decide(self, cue: Cue, start: float, seed: int, *, contact: bool) -> bool:
        """Perhaps look elsewhere from `start` on, in seconds. True for a wide glance, to the side or back."""
        settle(self.path, start - 0.3, SACCADE_S)
        key = round(cue.time / HOP_S)
        if self.until <= 0:
            self.until = start + self._fixation(key, seed)
        thinking = (cue.started or cue.ended) and chance(seed, 40, key) < ASIDE_AT_PAUSE_SHARE
        looks_aside = thinking and not contact and not self.aside
        if start < self.until and not looks_aside:
            return False
        looks_aside = looks_aside or (not contact and not self.aside and chance(seed, 41, key) < ASIDE_SHARE)
        was_aside, self.aside = self.aside, looks_aside
        x, y = _aside(seed, key) if looks_aside else _around_the_viewer(seed, key, CONTACT_SHIFT if contact else 1.0)
        self.path.append([start, x, y])
        self.until = start + (between(*ASIDE_S, seed, 42, key) if looks_aside else self._fixation(key, seed))
        return looks_aside or was_aside

    def _fixation(self, key: int, seed: int) -> float:
        length = MEDIAN_S * math.exp(SPREAD * 2.4 * centred(seed, 43, key))
        return min(max(length, SHORTEST_S), LONGEST_S)

    def at(self, time: float, head: HeadPose, *, contact: bool) -> tuple[float, float]:
        """How far the irises move in a head that has turned: mm to the right and down."""
        gain = CONTACT_GAIN if contact else AT_EASE_GAIN
        across, down = along(self.path, time, SACCADE_S)
        aims = (across - gain * head.yaw, down - gain * head.pitch)
        x, y = (MM_PER_DEGREE * min(max(aim, -limit), limit) for aim, limit in zip(aims, LIMIT_DEGREES, strict=True))
        return x, y


def _around_the_viewer(seed: int, key: int, size: float) -> tuple[float, float]:
    return size * ACROSS_DEGREES * centred(seed, 44, key), size * DOWN_DEGREES * centred(seed, 45, key)


def _aside(seed: int, key: int) -> tuple[float, float]:
    """Up or down to one side."""
    size, side = between(*ASIDE_DEGREES, seed, 46, key), 1 if chance(seed, 47, key) < 0.5 else -1
    return side * size, size * between(-0.5, 0.4, seed, 48, key)
