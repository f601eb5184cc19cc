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
VOLUME_BACK_S, VOLUME_AHEAD_S = 0.25, 0.12
QUIET_DB, LOUD_DB = -45.0, -12.0
QUIET_AMPLITUDE, LOUD_AMPLITUDE = 0.85, 1.15
"""Whispering opens the mouth a little less and shouting a little more, on vowels; closures stay closed."""
FULL_SCALE = 32_768.0
SYLLABLE_CONTRAST = 1.7


def mouth_of(time: float, spoken: list[Spoken], track: SpeechTrack, limit: int, frame_s: float) -> MouthPose:
    """The mouth at `time`, from the marks around it, or without any from the sound before sample `limit`.

    `frame_s` is the time from frame to frame, none of which may miss a closure.
    """
    if not spoken:
        return _heard_mouth(_level(time, limit, track))
    mouth = mouth_at(time, [sound for item in spoken for sound in item.sounds], frame_s)
    amplitude = _amplitude(time, limit, track)
    return replace(mouth, jaw=mouth.jaw * amplitude, lower=mouth.lower * amplitude)


def _amplitude(time: float, limit: int, track: SpeechTrack) -> float:
    """How far vowels open, by the loudness of the syllable around `time`."""
    around = track.loudness(time - VOLUME_BACK_S, time + VOLUME_AHEAD_S, limit)
    power = float(np.mean(around**2)) if len(around) else 0.0
    decibels = 10 * math.log10(power / FULL_SCALE**2 + 1e-10)
    loud = min(max((decibels - QUIET_DB) / (LOUD_DB - QUIET_DB), 0.0), 1.0)
    return QUIET_AMPLITUDE + (LOUD_AMPLITUDE - QUIET_AMPLITUDE) * loud


def _level(time: float, limit: int, track: SpeechTrack) -> float:
    """Loudness from 0 (silence) to 1 (as loud as the loudest moment of the last two seconds)."""
    now = track.loudness(time - LOUDNESS_BACK_S, time + LOUDNESS_AHEAD_S, limit)
    recent = track.loudness(time - LOUDNESS_MEMORY_S, time + 1.0, limit)
    if not len(now):
        return 0.0
    rms = float(now.mean())
    voiced = min(max((rms - SILENCE_RMS) / (VOICE_RMS - SILENCE_RMS), 0.0), 1.0)
    return voiced * math.sqrt(min(1.0, rms / max(float(np.max(recent)), VOICE_RMS)))


def _heard_mouth(level: float) -> MouthPose:
    """Speech without phoneme marks: the jaw follows the loudness, with the syllables set off from each other."""
    opening = level**SYLLABLE_CONTRAST
    return MouthPose(jaw=0.75 * opening, upper=0.4 * opening, lower=0.8 * opening, width=0.1 * opening)
