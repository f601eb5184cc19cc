"""From speech to motion: the coefficients of each frame, along with the speech, in bounded memory.

Speech becomes expressions, and the head's pose in chunks of 32 frames (the last one laid so that it ends with the
speech); poses are smoothed over 13 frames, and a frame's keypoints follow from the coefficients of 13 frames on either
side. So a frame can be drawn once the chunk that holds the 19th frame after it is heard.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.sadtalker import blinks, chance, hearing, mel, smoothing
from likeness_animator.engines.sadtalker.model import Model
from likeness_animator.engines.sadtalker.options import Options
from likeness_animator.engines.sadtalker.rows import Rows
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import AudioChunk

Floats = NDArray[np.float32]

REACH = 13
"""Frames on either side that the mapping network sees."""
AHEAD = REACH + smoothing.REACH
EXPRESSION, POSE, LATENT = 64, 6, 64
CHUNK = hearing.GROUP
_REPEATED = 4
"""Pictures may last a little longer than the speech: the last frame stands in for as many after it."""
_KEPT_EXPRESSIONS = REACH + _REPEATED
_KEPT_POSES = REACH + smoothing.LENGTH + _REPEATED
"""Frames behind the next one."""


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """Motion of another person's video, at 25 frames a second, repeated as long as the speech lasts.

    `poses` (frames, 6): how the head moves from its first pose on is added. `expressions` (frames, 64) take the place
    of the portrait's own, and its lids those of the blinks. `name` tells guides apart, so that no film goes on under
    another one.
    """

    poses: Floats | None = None
    expressions: Floats | None = None
    name: str = ""


NO_GUIDE = Guide()


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, `part` of the way from one frame of the networks to the next."""

    frame: int
    part: Fraction

    @classmethod
    def of(cls, picture: int, fps: int) -> Self:
        """When a picture of a film shows."""
        frame, rest = divmod(picture * mel.FPS, fps)
        return cls(frame, Fraction(rest, fps))

    @property
    def last(self) -> int:
        """The last frame that it lies between."""
        return self.frame + bool(self.part)

    def horizon(self, rate: int) -> int:
        """Samples of speech at `rate` Hz after which it can be drawn."""
        return hearing.horizon(hearing.group_of(self.last + AHEAD), rate)


class CoefficientTrack:
    """Coefficients of the frames that are still to be drawn.

    `source` (70,), or (73,) with the crop, are the portrait's own. Everything random follows from `seed` and the number
    of a frame or chunk.
    """

    def __init__(
        self, model: Model, source: Floats, options: Options, seed: int, rate: int, guide: Guide = NO_GUIDE
    ) -> None:
        self._model = model
        self._source = source
        self._options = options
        self._seed = seed
        self._guide = guide
        self._ear = hearing.Ear(rate)
        self._blinks = blinks.Blinks(seed)
        self._expressions = Rows(EXPRESSION)
        self._poses = Rows(POSE)
        self._heard = Rows(POSE)

    @property
    def received(self) -> int:
        """Samples of speech so far."""
        return self._ear.received

    def add(self, chunk: AudioChunk) -> None:
        """Take speech. Raises InvalidArgument for gaps, and for more than an exact film may wait for."""
        self._ear.add(chunk)
        limit = self._options.exact_limit_s
        if limit and self.received > limit * self._ear.rate:
            raise InvalidArgument(
                Reason.FIELD_OUT_OF_RANGE,
                f"the speech is longer than {limit} s, which is what this service waits for before it draws: shorten "
                "it, or have the service run without `exact` or with a higher `exact_limit_s`",
                field="audio",
            )

    def end(self) -> None:
        """The speech is over."""
        self._ear.end()

    def ready(self, moment: Moment) -> bool:
        """Whether the speech that a moment needs is there."""
        if self._ear.count is not None:
            return True
        return not self._options.exact_limit_s and self.received >= moment.horizon(self._ear.rate)

    def window(self, moment: Moment) -> Floats:
        """Coefficients around a moment, (channels, 27); past the last frame those of the last one."""
        self._listen(moment.last + AHEAD)
        window = self._window(moment.frame)
        if not moment.part:
            return window
        return window + np.float32(moment.part) * (self._window(moment.frame + 1) - window)

    def _window(self, frame: int) -> Floats:
        count = self._ear.count
        last = frame + AHEAD if count is None else count - 1
        frame = min(frame, last)
        around = np.clip(np.arange(frame - REACH, frame + REACH + 1), 0, last)
        known = {index: self._coefficients(index) for index in np.unique(around).tolist()}
        return np.ascontiguousarray(np.stack([known[index] for index in around.tolist()], axis=1))

    def forget(self, moment: Moment) -> None:
        """Drop what moments from this one on do not need."""
        self._expressions.forget(moment.frame - _KEPT_EXPRESSIONS)
        self._poses.forget(moment.frame - _KEPT_POSES)
        self._heard.forget(self._poses.end - CHUNK)

    def _coefficients(self, frame: int) -> Floats:
        if self._options.still:
            pose = self._source[EXPRESSION : EXPRESSION + POSE]
        else:
            pose = smoothing.at(self._poses.values, frame, self._poses.first, self._ear.count)
            if (moved := self._guide.poses) is not None:
                pose = pose + moved[frame % len(moved)] - moved[0]
        expression = self._expressions[frame] * np.float32(self._options.expression_scale)
        return np.concatenate([expression, pose, self._source[EXPRESSION + POSE :]]).astype(np.float32)

    def _listen(self, frame: int) -> None:
        """Make expressions and poses known up to a frame, a group at a time."""
        frame = frame if self._ear.count is None else min(frame, self._ear.count - 1)
        while self._expressions.end <= frame:
            group = hearing.group_of(self._expressions.end)
            windows = self._ear.windows(group)
            first = hearing.group_frames(group).start
            frames = range(first, first + len(windows))
            expressions, heard = self._model.speech(windows, self._references(frames), self._closed(frames))
            self._expressions.extend(expressions[self._expressions.end - first :])
            if self._poses.end < frames.stop:
                self._heard.extend(heard)
                self._poses.extend(self._moved(group, frames))

    def _references(self, frames: range) -> Floats:
        """The expression that the speech's comes on top of, (frames, 64)."""
        if (guided := self._guide.expressions) is not None:
            return np.ascontiguousarray(guided[np.arange(frames.start, frames.stop) % len(guided)], np.float32)
        return np.tile(self._source[:EXPRESSION], (len(frames), 1))

    def _closed(self, frames: range) -> Floats:
        """How far the lids are closed, (frames, 1)."""
        count = self._ear.count
        if self._guide.expressions is not None:
            closed = np.zeros(len(frames), np.float32)
        elif self._options.exact_limit_s and count is not None:
            closed = blinks.exact(count, self._seed)[frames.start : frames.stop]
        else:
            closed = np.array([self._blinks.closed(frame) for frame in frames], np.float32)
        return closed[:, np.newaxis]

    def _moved(self, group: int, frames: range) -> Floats:
        """Poses of a group, (frames, 6). Frame 0 is the portrait's own pose; a short group sees what was before it."""
        reference = self._source[EXPRESSION : EXPRESSION + POSE]
        moving = len(frames) - (frames.start == 0)
        motion = np.zeros((len(frames) - moving, POSE), np.float32)
        if moving:
            latent = chance.normal(self._seed, chance.LATENTS, group, LATENT)
            chunk = self._model.pose(self._chunk(), reference, latent, self._options.style)
            motion = np.concatenate([motion, chunk[-moving:]])
        return reference + motion * np.float32(self._options.motion_scale)

    def _chunk(self) -> Floats:
        """What was heard in the last 32 frames, frame 0 excepted, (32, 6); the first one stands in for what is not."""
        heard = self._heard.values[1:] if self._heard.first == 0 else self._heard.values
        heard = heard[-CHUNK:]
        return np.concatenate([np.repeat(heard[:1], CHUNK - len(heard), axis=0), heard])

    def snapshot(self, moment: Moment) -> dict[str, Any]:
        """What moments from this one on need of those before, as JSON values. Later expressions are heard again."""
        self.forget(moment)
        return {
            "expressions": self._expressions.snapshot(0, moment.last + hearing.RESUMED),
            "poses": self._poses.snapshot(0, self._poses.end),
            "heard": self._heard.snapshot(0, self._heard.end),
        }

    def restore(self, state: dict[str, Any], moment: Moment, start: int) -> None:
        """Go on at a moment from its snapshot, with speech from sample `start` on.

        Raises ValueError, TypeError or KeyError for anything else.
        """
        self._expressions = Rows.restored(EXPRESSION, state["expressions"])
        self._poses = Rows.restored(POSE, state["poses"])
        self._heard = Rows.restored(POSE, state["heard"])
        firsts = moment.frame - _KEPT_EXPRESSIONS, moment.frame - _KEPT_POSES, self._poses.end - CHUNK
        rows = self._expressions, self._poses, self._heard
        if any(kept.first != max(0, first) for kept, first in zip(rows, firsts, strict=True)):
            raise ValueError("motion of other frames")
        if not moment.frame - _REPEATED < self._expressions.end <= self._poses.end == self._heard.end:
            raise ValueError("expressions and poses of different frames")
        self._ear = hearing.Ear(self._ear.rate, start)
