"""One film by SadTalker."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from likeness_animator.engine import EngineSession, foreign_checkpoint
from likeness_animator.engines.sadtalker.model import Model
from likeness_animator.engines.sadtalker.options import Options
from likeness_animator.engines.sadtalker.paste import Canvas
from likeness_animator.engines.sadtalker.subject import Subject
from likeness_animator.engines.sadtalker.track import NO_GUIDE, CoefficientTrack, Guide, Moment
from likeness_animator.runners import Stop
from likeness_common.media import AudioChunk, FrameBatch, Mark
from likeness_common.stages.animator import AnimationOptions

CHECKPOINT_VERSION = 1


class SadTalkerSession(EngineSession):
    """Draws each frame as soon as the speech that it needs is there; frames are sent one by one, they take long.

    The networks move 25 times a second; at other frame rates the motion between two of their frames is drawn.

    Resuming: open with the checkpoint and push the speech from anywhere at or before the start of `first_frame` (its
    beginning will do); what was before counts as known.
    """

    def __init__(
        self,
        model: Model,
        subject: Subject,
        canvas: Canvas,
        asked: AnimationOptions,
        options: Options,
        guide: Guide = NO_GUIDE,
    ) -> None:
        self.video = canvas.video
        self._options = options
        self._rate, self._seed, self._guide = asked.audio.sample_rate_hz, asked.seed, guide.name
        track = CoefficientTrack(model, subject.coefficients, options, self._seed, self._rate, guide)
        self._film: _Film | None = _Film(model, subject, canvas, track)
        self.first_frame = self._restore(asked.checkpoint, track) if asked.checkpoint else 0
        self._next = self.first_frame
        self._ended = False
        self._stop = Stop()

    def push(self, event: AudioChunk | Mark) -> Iterator[FrameBatch]:
        """Take speech at once; the frames that it completes are drawn as the result is iterated. Marks are ignored."""
        if isinstance(event, AudioChunk) and self._film is not None:
            self._film.track.add(event)
        return self._draw()

    def finish(self) -> Iterator[FrameBatch]:
        """Draw what is left."""
        if self._film is not None:
            self._film.track.end()
        self._ended = True
        return self._draw()

    def stop(self) -> None:
        """See EngineSession."""
        self._stop.set()

    def close(self) -> None:
        """Let go of the model, the portrait and the speech."""
        self._film = None

    def _draw(self) -> Iterator[FrameBatch]:
        while self._film is not None and self._can_draw(self._film.track):
            frame = self._next
            data = self._film.frame(self._moment(frame), self._stop)
            self._next += 1
            yield FrameBatch(frame, 1, data, self._checkpoint(self._film.track))

    def _can_draw(self, track: CoefficientTrack) -> bool:
        """Whether there is a next frame and the speech for it."""
        if self._ended:
            return self._next < max(1, self.video.frames_covering(track.received, self._rate))
        return track.ready(self._moment(self._next))

    def _moment(self, frame: int) -> Moment:
        return Moment.of(frame, self.video.fps)

    def _checkpoint(self, track: CoefficientTrack) -> bytes:
        """Only what the drawn frames depended on: the same for every chunking of the speech."""
        state = {"version": CHECKPOINT_VERSION, "format": self._format(), "next": self._next}
        state |= track.snapshot(self._moment(self._next))
        return json.dumps(state, separators=(",", ":")).encode()

    def _format(self) -> list[int | float | str]:
        options = self._options
        chosen = [options.size, options.preparation.value, options.style, options.still, options.exact_limit_s]
        acting = [options.expression_scale, options.motion_scale]
        return [self.video.fps, self._rate, self._seed, *acting, *chosen, self._guide]

    def _restore(self, checkpoint: bytes, track: CoefficientTrack) -> int:
        try:
            state = json.loads(checkpoint)
            if state["version"] != CHECKPOINT_VERSION or state["format"] != self._format():
                raise ValueError("another version, frame rate, sample rate, seed, acting or setting")
            frame = int(state["next"])
            if frame < 1:
                raise ValueError("no frame comes before the first")
            track.restore(state, self._moment(frame), self.video.frame_start_sample(frame, self._rate))
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise foreign_checkpoint(error) from error
        return frame


@dataclass(frozen=True, slots=True)
class _Film:
    """From speech to frames."""

    model: Model
    subject: Subject
    canvas: Canvas
    track: CoefficientTrack

    def frame(self, moment: Moment, stop: Stop) -> bytes:
        keypoints = self.model.keypoints(self.track.window(moment), self.subject.canonical)
        return self.canvas.frame(self.subject.draw(keypoints, stop), self.canvas.video.pixel_format)
