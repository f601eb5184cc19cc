"""What the mouth does at a moment of the speech."""

import math
from dataclasses import replace

import numpy as np

from likeness_animator.engines.mesh.coarticulation import mouth_at
from likeness_animator.engines.mesh.pose import MouthPose
from likeness_animator.engines.mesh.track import LOUDNESS_MEMORY_S, SpeechTrack, Spoken

SILENCE_RMS, VOICE_RMS = 120.0, 500.0
"""Loudness that counts as silence, and from which the mouth opens fully: -49 and -36 dB of full scale."""
LOUDNESS_BACK_S, LOUDNESS_AHEAD_S = 0.05, 0.04
QUIET_AMPLITUDE = 0.9
STRESS_AMPLITUDE = 1.12
SYLLABLE_CONTRAST = 1.7


def mouth_of(time: float, spoken: list[Spoken], track: SpeechTrack, limit: int) -> MouthPose:
    """The mouth at `time`, from the marks around it, or without any from the sound before sample `limit`."""
    level = _level(time, limit, track)
    return _spoken_mouth(time, spoken, track.rate, level) if spoken else _heard_mouth(level)


def _level(time: float, limit: int, track: SpeechTrack) -> float:
    """Loudness from 0 (silence) to 1 (as loud as the loudest moment of the last two seconds)."""
    now = track.loudness(time - LOUDNESS_BACK_S, time + LOUDNESS_AHEAD_S, limit)
    recent = track.loudness(time - LOUDNESS_MEMORY_S, time + 1.0, limit)
    if not len(now):
        return 0.0
    rms = float(now.mean())
    voiced = min(max((rms - SILENCE_RMS) / (VOICE_RMS - SILENCE_RMS), 0.0), 1.0)
    return voiced * math.sqrt(min(1.0, rms / max(float(np.max(recent)), VOICE_RMS)))


def _spoken_mouth(time: float, spoken: list[Spoken], rate: int, level: float) -> MouthPose:
    mouth = mouth_at(time, [sound for item in spoken for sound in item.sounds])
    stressed = any(item.stressed and item.start <= time * rate < item.end for item in spoken)
    amplitude = (QUIET_AMPLITUDE + (1 - QUIET_AMPLITUDE) * level) * (STRESS_AMPLITUDE if stressed else 1.0)
    return replace(mouth, jaw=mouth.jaw * amplitude, lower=mouth.lower * amplitude)


def _heard_mouth(level: float) -> MouthPose:
    """Speech without phoneme marks: the jaw follows the loudness, with the syllables set off from each other."""
    opening = level**SYLLABLE_CONTRAST
    return MouthPose(jaw=0.75 * opening, upper=0.4 * opening, lower=0.8 * opening, width=0.1 * opening)
