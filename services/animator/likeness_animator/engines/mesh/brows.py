"""Brows that rise with what stands out, and at the start of some phrases.

They rise with raised pitch more than with loudness (Cave et al., "About the relationship between eyebrow movements and
F0 variations", 1996).
"""

from dataclasses import dataclass, field

from likeness_animator.engines.mesh.easing import Path, expire, hump
from likeness_animator.engines.mesh.memory import Memory, width
from likeness_animator.engines.mesh.phrasing import HOP_S, Cue
from likeness_animator.engines.mesh.randomness import between, chance, noise

RISE_S, HOLD_S, FALL_S = 0.17, 0.12, 0.45
BEAT_SHARE, LIFT_SHARE = 0.25, 0.5
"""Of beats at the usual pitch, and what raised pitch adds."""
START_SHARE, START_HEIGHT = 0.2, 0.5
HEIGHT, IDLE_HEIGHT = 0.6, 0.1
MEMORY_S = 1.5


@dataclass(slots=True)
class Brows(Memory):
    """`raises`: [time, height]."""

    raises: Path = field(default_factory=list[list[float]], metadata=width(2))

    def decide(self, cue: Cue, start: float, seed: int) -> None:
        """Perhaps raise the brows at `start`, in seconds."""
        expire(self.raises, start - MEMORY_S)
        key = round(cue.time / HOP_S)
        height = 0.0
        if cue.beat and chance(seed, 60, key) < BEAT_SHARE + LIFT_SHARE * max(cue.lift, 0.0):
            height = cue.beat * between(0.6, 1.0, seed, 61, key)
        elif cue.started and chance(seed, 62, key) < START_SHARE:
            height = START_HEIGHT
        if height and (not self.raises or start - self.raises[-1][0] > RISE_S + HOLD_S):
            self.raises.append([start, height])

    def at(self, time: float, seed: int) -> float:
        """Height at `time`, 0 at rest to about 1."""
        raises = [height * hump(time - start, RISE_S, HOLD_S, FALL_S) for start, height in self.raises]
        return HEIGHT * max(raises, default=0.0) + IDLE_HEIGHT * noise(seed, 20, time, 3.7)
