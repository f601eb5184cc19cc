"""A session's speech as the networks hear it: samples in, log-mel windows of groups of frames out.

Frames are those of the networks, 25 a second. Groups lie at fixed frames and are always computed as a whole, so the
bytes of a window do not depend on how the speech was cut into chunks. After a checkpoint the speech may begin later:
what was before counts as silence, and only windows from RESUMED frames after its first whole one are right.
"""

import math

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.sadtalker import mel, resample
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import AudioChunk

Floats = NDArray[np.float32]

GROUP = 32
"""Frames that are heard together. The first frame, which is the portrait itself, comes with the first group."""
RESUMED = 4
"""Frames after the beginning of the speech whose windows still reach back before it."""


def group_frames(group: int) -> range:
    """The frames of a group, were the speech long enough."""
    first = group * GROUP
    return range(first + 1 if group else 0, first + GROUP + 1)


def group_of(frame: int) -> int:
    """The group that a frame is in."""
    return max(0, frame - 1) // GROUP


def sound_frames(frame: int) -> int:
    """Frames of sound that the window of a frame needs."""
    last = mel.window_start(frame) + mel.WINDOW - 1
    return math.ceil((last * mel.HOP + mel.LENGTH // 2) / mel.SAMPLES_PER_FRAME)


def horizon(group: int, rate: int) -> int:
    """Samples of speech at `rate` Hz that a whole group is made of."""
    return resample.needed(sound_frames(group_frames(group)[-1]), rate)


def first_sound(start: int, rate: int) -> int:
    """The first frame of sound that begins at sample `start` or later."""
    return -(-start * mel.FPS // rate)


class Ear:
    """Holds the speech that windows are still to be made of. `rate` in Hz."""

    def __init__(self, rate: int, start: int = 0) -> None:
        self.rate = rate
        self.received = start
        """Samples known so far; those before `start` count as silence."""
        self._speech = np.zeros(0, np.int16)
        self._speech_first = self.received
        self._arrived: list[NDArray[np.int16]] = []
        self._sound: Floats = np.zeros(0, np.float32)
        self._sound_first = first_sound(start, rate) * mel.SAMPLES_PER_FRAME
        self._ended = False

    def add(self, chunk: AudioChunk) -> None:
        """Take samples in order; those known already (after a checkpoint) are skipped. Raises InvalidArgument."""
        if chunk.start_sample > self.received:
            raise InvalidArgument(
                Reason.FIELD_INVALID,
                f"audio.start_sample is {chunk.start_sample} but {self.received} comes next: send audio without gaps",
                field="audio.start_sample",
            )
        samples = np.frombuffer(chunk.pcm, "<i2")[self.received - chunk.start_sample :]
        self._arrived.append(samples)
        self.received += len(samples)

    def end(self) -> None:
        """The speech is over: there is silence after it."""
        self._ended = True

    @property
    def count(self) -> int | None:
        """Frames that the speech fills, at least one; None while more of it may come."""
        return max(1, self.received * mel.FPS // self.rate) if self._ended else None

    def windows(self, group: int) -> Floats:
        """Log-mel windows (frames, 1, 80, 16) of the frames of a group, which have to be asked for in order."""
        frames = group_frames(group)
        if self.count is not None:
            frames = range(frames.start, min(frames.stop, self.count))
        heard = min(sound_frames(frames[-1]), self.count or sound_frames(frames[-1]))
        self._resample(heard)
        first, last = max(0, mel.window_start(frames[0])), mel.window_start(frames[-1]) + mel.WINDOW
        last = min(last, heard * mel.SAMPLES_PER_FRAME // mel.HOP + 1)
        spectrum = self._spectrum(first, last, heard)
        self._forget(frames.stop)
        windows = [spectrum[:, mel.columns(frame, last) - first] for frame in frames]
        return np.stack(windows)[:, np.newaxis]

    def _spectrum(self, first: int, last: int, frames: int) -> Floats:
        """Columns `first` to `last` of the log-mel spectrum of the first `frames` frames of sound."""
        origin = _origin(first)
        start = origin * mel.HOP - 1
        missing = max(0, self._sound_first - start)
        known = self._sound[max(0, start - self._sound_first) : frames * mel.SAMPLES_PER_FRAME - self._sound_first]
        sound = np.concatenate([np.zeros(missing, np.float32), known])
        return mel.log_mel(sound[1:], first - origin, last - origin, before=float(sound[0]))

    def _resample(self, frames: int) -> None:
        """Make the sound known up to frame `frames`."""
        self._speech = np.concatenate([self._speech, *self._arrived])
        self._arrived.clear()
        done = (self._sound_first + len(self._sound)) // mel.SAMPLES_PER_FRAME
        sound = [
            resample.resampled(self._from(resample.start(frame, self.rate)), frame, self.rate)
            for frame in range(done, frames)
        ]
        self._sound = np.concatenate([self._sound, *sound])
        passed = max(0, resample.start(max(done, frames), self.rate) - self._speech_first)
        self._speech = self._speech[passed:].copy()
        self._speech_first += passed

    def _from(self, start: int) -> NDArray[np.int16]:
        """The speech from a sample on, with silence where it is not known."""
        missing = max(0, self._speech_first - start)
        return np.concatenate([np.zeros(missing, np.int16), self._speech[max(0, start - self._speech_first) :]])

    def _forget(self, frame: int) -> None:
        """Drop the sound that frames from `frame` on do not need."""
        passed = _origin(max(0, mel.window_start(frame))) * mel.HOP - 1 - self._sound_first
        whole = max(0, passed) // mel.SAMPLES_PER_FRAME * mel.SAMPLES_PER_FRAME
        self._sound = self._sound[whole:].copy()
        self._sound_first += whole


def _origin(column: int) -> int:
    """A column from which on the sound is enough for `column`."""
    return max(0, column - mel.LENGTH // 2 // mel.HOP)
