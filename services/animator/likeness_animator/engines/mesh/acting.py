"""What the face does in a given frame: speech, emphasis and idle life put together."""

import math
from dataclasses import replace

import numpy as np

from likeness_animator.engines.mesh import idle
from likeness_animator.engines.mesh.coarticulation import mouth_at
from likeness_animator.engines.mesh.pose import MouthPose, Pose
from likeness_animator.engines.mesh.track import LOUDNESS_MEMORY_S, SpeechTrack, Spoken
from likeness_common.media import VideoFormat

LOOKAHEAD_MS = 120
"""Audio and marks up to this long after a frame's end shape it: lips move before the sound is heard."""

SILENCE_RMS, VOICE_RMS = 120.0, 500.0
"""Loudness that counts as silence, and from which the mouth opens fully: -49 and -36 dB of full scale."""
LOUDNESS_BACK_S, LOUDNESS_AHEAD_S = 0.05, 0.04
QUIET_AMPLITUDE = 0.9
STRESS_AMPLITUDE = 1.12
SYLLABLE_CONTRAST = 1.7
EMPHASIS_SHARE = 0.4
EMPHASIS_RISE_S, EMPHASIS_FALL_S = 0.12, 0.35
EMPHASIS_BROW, EMPHASIS_NOD_DEGREES = 0.55, 1.3
MARKS_WITHIN_S = 0.8


def horizon(frame: int, video: VideoFormat, rate: int) -> int:
    """One past the last sample that `frame` depends on."""
    return video.frame_start_sample(frame + 1, rate) + LOOKAHEAD_MS * rate // 1000


def pose_of(frame: int, video: VideoFormat, track: SpeechTrack, seed: int) -> Pose:
    """The pose of a frame: a pure function of the seed, and of the speech before the frame's horizon."""
    time = (frame + 0.5) / video.fps
    limit = horizon(frame, video, track.rate)
    spoken = [item for item in track.spoken_until(limit) if item.end > (time - MARKS_WITHIN_S) * track.rate]
    level = _level(time, limit, track)
    mouth = _spoken_mouth(time, spoken, track.rate, level) if spoken else _heard_mouth(level)
    emphasis = _emphasis(time, spoken, track.rate, seed)
    head = idle.head(seed, time)
    gaze_x, gaze_y = idle.gaze(seed, time)
    return Pose(
        mouth=mouth,
        head=replace(head, pitch=head.pitch + EMPHASIS_NOD_DEGREES * emphasis),
        blink=idle.blink(seed, time),
        brow=EMPHASIS_BROW * emphasis + 0.15 * idle.noise(seed, 20, time, 3.7),
        gaze_x=gaze_x,
        gaze_y=gaze_y,
    )


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


def _emphasis(time: float, spoken: list[Spoken], rate: int, seed: int) -> float:
    """Some stressed syllables lift the brows and nod the head: 0 to 1."""
    strongest = 0.0
    for item in spoken:
        if item.stressed and idle.chance(seed, 7, item.start) < EMPHASIS_SHARE:
            since = time - item.start / rate
            rise = min(max(1 + since / EMPHASIS_RISE_S, 0.0), 1.0)
            fall = min(max(1 - since / EMPHASIS_FALL_S, 0.0), 1.0)
            shape = min(rise, fall)
            strongest = max(strongest, shape * shape * (3 - 2 * shape))
    return strongest
