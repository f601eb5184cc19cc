"""One animation of the mesh engine."""

import json
from collections.abc import Iterator

from likeness_animator.engine import EngineSession, foreign_checkpoint
from likeness_animator.engines.mesh import acting
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.engines.mesh.track import SpeechTrack
from likeness_common.media import AudioChunk, FrameBatch, Mark, VideoFormat
from likeness_common.stages.animator import AnimationOptions

BATCH_FRAMES = (1, 2, 3)
LATER_BATCH_FRAMES = 5
"""Batches grow: the first frames must come at once, later ones should cost few messages."""

CHECKPOINT_VERSION = 2


class MeshSession(EngineSession):
    """Draws each frame as soon as the speech reaches its horizon.

    Resuming: open with the checkpoint and push the speech from anywhere at or before the start of `first_frame` (its
    beginning will do); what the checkpoint already holds is skipped.
    """

    def __init__(self, puppet: Puppet, video: VideoFormat, options: AnimationOptions) -> None:
        self.video = video
        self._puppet: Puppet | None = puppet
        self._options = options
        self._track = SpeechTrack(options.audio.sample_rate_hz)
        self._actor = acting.Actor(video, self._track, options.seed, options.acting)
        self._batches = 0
        self.first_frame = self._restore(options.checkpoint) if options.checkpoint else 0
        self._next = self.first_frame

    def push(self, event: AudioChunk | Mark) -> Iterator[FrameBatch]:
        """Take speech at once; the frames that it completes are drawn as the result is iterated."""
        if isinstance(event, Mark):
            self._track.add_mark(event)
            return iter(())
        self._track.add_audio(event)
        return self._draw(self._ready())

    def finish(self) -> Iterator[FrameBatch]:
        """Draw what is left."""
        return self._draw(max(1, self.video.frames_covering(self._track.received, self._track.rate)))

    def close(self) -> None:
        """Let go of the portrait and the speech."""
        self._puppet = None
        self._track = SpeechTrack(self._track.rate)

    def _ready(self) -> int:
        """One past the last frame whose horizon has been heard."""
        frame = self.video.frames_covering(self._track.received, self._track.rate)
        while frame > self._next and acting.horizon(frame - 1, self.video, self._track.rate) > self._track.received:
            frame -= 1
        return frame

    def _draw(self, end: int) -> Iterator[FrameBatch]:
        while self._puppet is not None and self._next < end:
            size = BATCH_FRAMES[self._batches] if self._batches < len(BATCH_FRAMES) else LATER_BATCH_FRAMES
            count = min(end - self._next, size, self.video.frames_per_message)
            first = self._next
            frames = [self._frame(self._puppet, first + offset) for offset in range(count)]
            self._next += count
            self._batches += 1
            yield FrameBatch(first, count, b"".join(frames), self._checkpoint())

    def _frame(self, puppet: Puppet, frame: int) -> bytes:
        self._track.forget(self.video.frame_start_sample(frame, self._track.rate))
        return puppet.frame(self._actor.pose(frame), self.video.pixel_format)

    def _checkpoint(self) -> bytes:
        """Only what the drawn frames depended on: the same for every chunking of the speech."""
        heard = acting.horizon(self._next - 1, self.video, self._track.rate)
        self._track.forget(self.video.frame_start_sample(self._next, self._track.rate))
        state = {"version": CHECKPOINT_VERSION, "format": self._format(), "next": self._next}
        state |= self._track.snapshot(heard) | {"acting": self._actor.snapshot()}
        return json.dumps(state, separators=(",", ":")).encode()

    def _format(self) -> list[int | float | str]:
        played = self._options.acting
        acted = [played.expression.value, played.intensity, played.eye_contact]
        return [self.video.fps, self._track.rate, self._options.seed, *acted]

    def _restore(self, checkpoint: bytes) -> int:
        try:
            state = json.loads(checkpoint)
            if state["version"] != CHECKPOINT_VERSION or state["format"] != self._format():
                raise ValueError("another version, frame rate, sample rate, seed or acting")
            self._track.restore(state)
            self._actor.restore(state["acting"])
            return int(state["next"])
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise foreign_checkpoint(error) from error
