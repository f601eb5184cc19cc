"""What the face does in a given frame: speech, emphasis and idle life put together."""

from dataclasses import replace
from typing import Any

from likeness_animator.engines.mesh.blinking import Blinking
from likeness_animator.engines.mesh.brows import Brows
from likeness_animator.engines.mesh.expressions import Manner, manner_of
from likeness_animator.engines.mesh.gaze import Gaze
from likeness_animator.engines.mesh.head_motion import HeadMotion
from likeness_animator.engines.mesh.phrasing import Phrasing
from likeness_animator.engines.mesh.pose import HeadPose, Pose
from likeness_animator.engines.mesh.speaking import mouth_of
from likeness_animator.engines.mesh.track import HOPS_PER_SECOND, SpeechTrack
from likeness_common.media import Acting, VideoFormat

LOOKAHEAD_MS = 120
"""Audio and marks up to this long after a frame's end shape it: lips move before the sound is heard."""

MARKS_WITHIN_S = 0.8
HIGHEST_BROW = 1.4
PAUSE_MARK_S = 0.1


def horizon(frame: int, video: VideoFormat, rate: int) -> int:
    """One past the last sample that `frame` depends on."""
    return video.frame_start_sample(frame + 1, rate) + LOOKAHEAD_MS * rate // 1000


class Actor:
    """Plays one face. Ask for its frames in order: each takes in the speech up to its horizon, and nothing after it.

    What it decides on the way (a blink, a nod, a glance) depends on the seed and on that speech only, and starts no
    earlier than the next frame.
    """

    def __init__(self, video: VideoFormat, track: SpeechTrack, seed: int, acting: Acting) -> None:
        self._video = video
        self._track = track
        self._seed = seed
        self._contact = acting.eye_contact
        self._manner: Manner = manner_of(acting, seed)
        self._phrasing, self._blinking, self._gaze = Phrasing(), Blinking(), Gaze()
        self._head, self._brows = HeadMotion(), Brows()

    def pose(self, frame: int) -> Pose:
        """The pose of a frame: a pure function of the seed, and of the speech before the frame's horizon."""
        time = (frame + 0.5) / self._video.fps
        limit = horizon(frame, self._video, self._track.rate)
        self._hear(limit)
        oldest = (time - MARKS_WITHIN_S) * self._track.rate
        spoken = [item for item in self._track.spoken_until(limit) if item.end > oldest]
        manner, seed = self._manner, self._seed
        moved = self._head.at(time, seed, manner.energy)
        # Only what differs from the photographed position is for the eyes to take back.
        gaze_x, gaze_y = self._gaze.at(time, moved, contact=self._contact)
        return Pose(
            mouth=mouth_of(time, spoken, self._track, limit, 1 / self._video.fps),
            head=self._held(moved),
            blink=self._blinking.shut(time),
            brow=min(manner.brow + manner.energy * self._brows.at(time, seed), HIGHEST_BROW),
            gaze_x=gaze_x,
            gaze_y=gaze_y,
            smile=manner.smile,
            furrow=manner.furrow,
            inner_brow=manner.inner_brow,
            lids=manner.lids,
        )

    def _held(self, head: HeadPose) -> HeadPose:
        return replace(head, pitch=head.pitch + self._manner.pitch, roll=head.roll + self._manner.roll)

    def _hear(self, limit: int) -> None:
        """Take in the hops before `limit`, and decide at each what begins."""
        first = self._phrasing.hop
        marks = self._marks(first, limit)
        for hop, (loudness, pitch) in enumerate(self._track.hops(first, limit), first):
            pause, stressed = marks.get(hop, (False, False))
            cue = self._phrasing.hear(loudness, pitch, pause=pause, stressed=stressed)
            start = cue.time - LOOKAHEAD_MS / 1000
            glanced = self._gaze.decide(cue, start, self._seed, contact=self._contact)
            self._blinking.decide(cue, start, self._seed, self._manner.blinks, glanced)
            self._head.decide(cue, start, self._seed)
            self._brows.decide(cue, start, self._seed)

    def _marks(self, first: int, limit: int) -> dict[int, tuple[bool, bool]]:
        """By hop: whether a pause or a stressed sound begins in it."""
        rate = self._track.rate
        return {
            item.start * HOPS_PER_SECOND // rate: (
                not item.sounds and item.end - item.start >= PAUSE_MARK_S * rate,
                item.stressed,
            )
            for item in self._track.spoken_until(limit)
            if item.start * HOPS_PER_SECOND // rate >= first
        }

    def _parts(self) -> dict[str, Phrasing | Blinking | Gaze | HeadMotion | Brows]:
        return {
            "phrasing": self._phrasing,
            "blinking": self._blinking,
            "gaze": self._gaze,
            "head": self._head,
            "brows": self._brows,
        }

    def snapshot(self) -> dict[str, Any]:
        """All that later frames need of the decisions so far, as JSON values; bounded."""
        return {name: part.snapshot() for name, part in self._parts().items()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a snapshot. Raises ValueError, TypeError, KeyError or OverflowError for anything else."""
        self._phrasing = Phrasing.restored(state["phrasing"])
        self._blinking = Blinking.restored(state["blinking"])
        self._gaze = Gaze.restored(state["gaze"])
        self._head = HeadMotion.restored(state["head"])
        self._brows = Brows.restored(state["brows"])
