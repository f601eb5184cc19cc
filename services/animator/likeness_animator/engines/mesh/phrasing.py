"""Where phrases begin and end, and which syllables stand out, as the speech is heard.

Prominent syllables are louder, higher or both (Terken, "Fundamental frequency and perceived prominence", 1991); the
louder and higher they are, the more likely head and brows move with them (Munhall et al., "Visual prosody and speech
intelligibility", 2004).
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from likeness_animator.engines.mesh.easing import ease
from likeness_animator.engines.mesh.memory import Memory
from likeness_animator.engines.mesh.prosody import UNIT_HZ

HOP_S = 0.01
SILENCE_RMS = 120.0
SILENCE_OF_PEAK, SILENCE_OF_FLOOR = 0.05, 2.5
PEAK_FADES, FLOOR_RISES = 0.9993, 1.003
"""Per hop: a loud moment is forgotten within ten seconds, a noise floor learnt within three."""
PAUSE_HOPS = 10
"""Silence this long is a pause; stop consonants are silent for less."""
SMOOTHING, MEAN_SMOOTHING, PITCH_SMOOTHING = 0.35, 0.007, 0.004
LOUD_DB, HIGH_SEMITONES = 6.0, 4.0
STRESS_FADES = 0.93
LOW_BAR, HIGH_BAR, BAR_FALLS_S = 0.15, 1.1, 0.8
"""How prominent a syllable must be to count: very right after another, and less and less as time goes by."""


class Cue(NamedTuple):
    """What a hop of speech says to the face.

    time: end of the hop, in seconds. quiet: seconds of silence before it. started, ended: a phrase does, at this hop or
    within the last tenth of a second. beat: 0, or how prominent the syllable is whose middle was just passed, to 1.5;
    lift: how far its pitch is raised, -1 to 1.5.
    """

    time: float
    speaking: bool
    quiet: float
    started: bool
    ended: bool
    beat: float
    lift: float


@dataclass(slots=True)
class Phrasing(Memory):
    """What is remembered of the speech from hop to hop."""

    hop: int = 0
    floor: float = 0.0
    peak: float = 0.0
    quiet: int = PAUSE_HOPS
    speaking: bool = False
    level: float = 0.0
    rising: bool = False
    mean_db: float = 0.0
    pitch: float = 0.0
    mean_pitch: float = 0.0
    stress: float = 0.0
    last_beat: int = -1000

    def hear(self, loudness: float, pitch: float, *, pause: bool, stressed: bool) -> Cue:
        """Take the next hop: its loudness and pitch, whether a marked pause or a stressed phoneme begins in it."""
        self.hop += 1
        silent = pause or self._silent(loudness)
        self.quiet = self.quiet + 1 if silent else 0
        if pause:
            self.quiet = max(self.quiet, PAUSE_HOPS)
        before, self.speaking = self.speaking, (self.quiet < PAUSE_HOPS if self.speaking else not silent)
        self.stress = 1.0 if stressed else self.stress * STRESS_FADES
        self._follow_pitch(pitch * UNIT_HZ)
        beat = self._beat(loudness)
        return Cue(
            time=self.hop * HOP_S,
            speaking=self.speaking,
            quiet=self.quiet * HOP_S,
            started=self.speaking and not before,
            ended=before and not self.speaking,
            beat=beat,
            lift=self._lift(),
        )

    def _silent(self, loudness: float) -> bool:
        self.peak = max(loudness, self.peak * PEAK_FADES)
        self.floor = min(loudness, self.floor * FLOOR_RISES + 0.01)
        # In a voice without pauses the floor must not rise to the voice itself.
        floor = min(SILENCE_OF_FLOOR * self.floor, 0.25 * self.peak)
        return loudness < max(SILENCE_RMS, SILENCE_OF_PEAK * self.peak, floor)

    def _follow_pitch(self, hz: float) -> None:
        if hz <= 0:
            return
        semitones = 12 * math.log2(hz)
        self.mean_pitch += (semitones - self.mean_pitch) * (PITCH_SMOOTHING if self.mean_pitch else 1.0)
        self.pitch += (semitones - self.pitch) * (0.3 if self.pitch else 1.0)

    def _lift(self) -> float:
        return min(max((self.pitch - self.mean_pitch) / HIGH_SEMITONES, -1.0), 1.5)

    def _beat(self, loudness: float) -> float:
        """The prominence of a syllable whose loudest moment has just gone by, if it stands out."""
        level = self.level + SMOOTHING * (loudness - self.level)
        was_rising, self.rising = self.rising, level > self.level
        top, self.level = self.level, level
        decibels = 20 * math.log10(max(top, 1.0))
        if self.speaking and self.quiet == 0:
            self.mean_db += (decibels - self.mean_db) * (MEAN_SMOOTHING if self.mean_db else 1.0)
        if not self.speaking or not was_rising or self.rising or top < 0.3 * self.peak:
            return 0.0
        loud = min(max((decibels - self.mean_db) / LOUD_DB, -1.0), 1.2)
        prominence = 0.45 * loud + 0.6 * self._lift() + 0.45 * self.stress
        since = (self.hop - self.last_beat) * HOP_S
        if prominence < LOW_BAR + (HIGH_BAR - LOW_BAR) * math.exp(-since / BAR_FALLS_S):
            return 0.0
        self.last_beat = self.hop
        return 0.4 + 1.1 * ease(prominence / 1.6)
