"""What the mouth does at a moment of the speech."""

import math
from dataclasses import replace

import numpy as np

from likeness_animator.engines.mesh.coarticulation import mouth_at
from likeness_animator.engines.mesh.easing import between
from likeness_animator.engines.mesh.handover import share_of_sound
from likeness_animator.engines.mesh.listening.mouth import mouth_heard
from likeness_animator.engines.mesh.pose import MouthPose
from likeness_animator.engines.mesh.track import SpeechTrack, Spoken

VOLUME_BACK_S, VOLUME_AHEAD_S = 0.25, 0.12
QUIET_DB, LOUD_DB = -45.0, -12.0
QUIET_AMPLITUDE, LOUD_AMPLITUDE = 0.85, 1.1
"""Whispering opens the mouth a little less and shouting a little more, on vowels; closures stay closed."""
FULL_SCALE = 32_768.0


def mouth_of(time: float, spoken: list[Spoken], track: SpeechTrack, limit: int, frame_s: float) -> MouthPose:
    """The mouth at `time`, from the marks around it, or where there are none from the sound before sample `limit`.

    `frame_s` is the time from frame to frame, none of which may miss a closure.
    """
    heard = track.listen(time, limit)
    share = share_of_sound(time, track.gap(time, limit)) if heard else 0.0
    mouth = mouth_at(time, [sound for item in spoken for sound in item.sounds], frame_s)
    if heard and share:
        mouth = between(mouth, mouth_heard(time, heard, frame_s), share)
    amplitude = _amplitude(time, limit, track)
    return replace(mouth, jaw=mouth.jaw * amplitude, lower=mouth.lower * amplitude)


def _amplitude(time: float, limit: int, track: SpeechTrack) -> float:
    """How far vowels open, by the loudness of the syllable around `time`."""
    around = track.loudness(time - VOLUME_BACK_S, time + VOLUME_AHEAD_S, limit)
    power = float(np.mean(around**2)) if len(around) else 0.0
    decibels = 10 * math.log10(power / FULL_SCALE**2 + 1e-10)
    loud = min(max((decibels - QUIET_DB) / (LOUD_DB - QUIET_DB), 0.0), 1.0)
    return QUIET_AMPLITUDE + (LOUD_AMPLITUDE - QUIET_AMPLITUDE) * loud
