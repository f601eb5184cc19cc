"""What the face does in a given frame: speech, emphasis and idle life put together."""

from dataclasses import replace

from likeness_animator.engines.mesh import idle
from likeness_animator.engines.mesh.pose import Pose
from likeness_animator.engines.mesh.speaking import mouth_of
from likeness_animator.engines.mesh.track import SpeechTrack, Spoken
from likeness_common.media import VideoFormat

LOOKAHEAD_MS = 120
"""Audio and marks up to this long after a frame's end shape it: lips move before the sound is heard."""

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
    emphasis = _emphasis(time, spoken, track.rate, seed)
    head = idle.head(seed, time)
    gaze_x, gaze_y = idle.gaze(seed, time)
    return Pose(
        mouth=mouth_of(time, spoken, track, limit, 1 / video.fps),
        head=replace(head, pitch=head.pitch + EMPHASIS_NOD_DEGREES * emphasis),
        blink=idle.blink(seed, time),
        brow=EMPHASIS_BROW * emphasis + 0.15 * idle.noise(seed, 20, time, 3.7),
        gaze_x=gaze_x,
        gaze_y=gaze_y,
    )


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
