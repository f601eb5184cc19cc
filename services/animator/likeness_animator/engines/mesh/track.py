"""The speech that a session has heard, reduced to what frames need, and bounded for speech of any length."""

import math
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh.coarticulation import REACH_BACK_S, Sound
from likeness_animator.engines.mesh.handover import LISTENING_AFTER_S, Gap, gap_at
from likeness_animator.engines.mesh.listening.listener import Heard, Listener
from likeness_animator.engines.mesh.prosody import PitchWindow, pitch_window, pitches
from likeness_animator.engines.mesh.visemes import articulate
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import AudioChunk, Mark, MarkKind

HOPS_PER_SECOND = 100
HOPS_PER_PITCH = 2
LOUDNESS_MEMORY_S = 2.0
MARK_MEMORY_S = 1.0
HEARD_MEMORY_S = 0.5


@dataclass(frozen=True, slots=True)
class Spoken:
    """A phoneme mark, articulated. Times in samples; an empty `sounds` is silence."""

    start: int
    end: int
    value: str
    sounds: tuple[Sound, ...]
    stressed: bool


class SpeechTrack:
    """Marks, loudness and pitch around the frames that are still to be drawn."""

    def __init__(self, sample_rate_hz: int) -> None:
        self.rate = sample_rate_hz
        self.received = 0
        self._spoken: list[Spoken] = []
        self._first_hop = 0
        self._loudness = array("H")
        self._pitch = array("H")
        self._window: PitchWindow = pitch_window(sample_rate_hz)
        self._rest = np.zeros(self._window.samples, np.int16)
        self._listener = Listener(sample_rate_hz)

    def add_audio(self, chunk: AudioChunk) -> None:
        """Take samples in order; those already known (after a checkpoint) are skipped."""
        if chunk.start_sample > self.received:
            raise InvalidArgument(
                Reason.FIELD_INVALID,
                f"audio.start_sample is {chunk.start_sample} but {self.received} comes next: send audio without gaps",
                field="audio.start_sample",
            )
        samples = np.frombuffer(chunk.pcm, "<i2")[self.received - chunk.start_sample :]
        self._listener.add(samples, self.received)
        self.received += len(samples)
        self._rest = np.concatenate([self._rest, samples])
        self._measure()

    def _measure(self) -> None:
        """Turn whole hops into a loudness and a pitch. Hop k covers samples [k * rate / 100, (k + 1) * rate / 100)."""
        start = self.received - len(self._rest)
        first, last = self._first_hop + len(self._loudness), self._hops_until(self.received)
        if last <= first:
            return
        edges = np.arange(first, last + 1) * self.rate // HOPS_PER_SECOND - start
        squares = np.concatenate([[0], np.cumsum(self._rest.astype(np.int64) ** 2)])
        power = (squares[edges[1:]] - squares[edges[:-1]]) // np.diff(edges)
        self._loudness.extend(np.sqrt(power).astype(np.uint16).tolist())
        self._measure_pitch(first, edges[1:])
        self._rest = self._rest[edges[-1] - self._window.samples :]

    def _measure_pitch(self, first: int, ends: NDArray[np.int64]) -> None:
        """A pitch for every hop from `first` on, measured at every other one on the sound up to its end."""
        measured = (first + np.arange(len(ends))) % HOPS_PER_PITCH == 0
        reach = np.arange(-self._window.samples, 0)
        fresh = iter(pitches(self._rest[ends[measured, None] + reach], self._window).tolist())
        for new in measured.tolist():
            self._pitch.append(next(fresh) if new else (self._pitch[-1] if self._pitch else 0))

    def add_mark(self, mark: Mark) -> None:
        """Take a mark; all but phonemes are ignored, and so are repetitions (after a checkpoint)."""
        if mark.kind is not MarkKind.PHONEME:
            return
        spoken = self._articulate(mark.start_sample, mark.end_sample, mark.value)
        place = bisect_left(self._spoken, (spoken.start, spoken.end), key=lambda item: (item.start, item.end))
        if place == len(self._spoken) or self._spoken[place] != spoken:
            self._spoken.insert(place, spoken)

    def _articulate(self, start: int, end: int, value: str) -> Spoken:
        position, length = start / self.rate, max(0, end - start) / self.rate
        sounds, stressed = [], False
        for part in articulate(value):
            sounds.append(Sound(position, position + part.share * length, part.viseme))
            position += part.share * length
            stressed = stressed or part.stressed
        return Spoken(start, end, value, tuple(sounds), stressed)

    def spoken_until(self, horizon: int) -> list[Spoken]:
        """Marks that start before `horizon`: what may be known of the future does not depend on chunking."""
        return self._spoken[: bisect_left(self._spoken, horizon, key=lambda item: item.start)]

    def loudness(self, start_s: float, end_s: float, horizon: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Root mean square (0 to 32767) of the hops between two times, and before `horizon`."""
        limit = min(math.ceil(end_s * HOPS_PER_SECOND), self._hops_until(horizon))
        low = max(0, math.floor(start_s * HOPS_PER_SECOND) - self._first_hop)
        return np.array(self._loudness[low : max(low, limit - self._first_hop)], np.float64)

    def gap(self, time: float, horizon: int) -> Gap:
        """Where marks that start before `horizon` leave the mouth at `time`, or next, to the sound."""
        rate = self.rate
        return gap_at(time, [(item.start / rate, item.end / rate) for item in self.spoken_until(horizon)])

    def listen(self, time: float, horizon: int) -> Heard | None:
        """What the sound before `horizon` says of the mouth; None where marks do. Ask for every frame, in order.

        Whether marks do is decided by those that start before `horizon`: the same for every chunking.
        """
        if self.gap(time, horizon).start > horizon / self.rate - LISTENING_AFTER_S:
            self._listener.rest(horizon)
        else:
            self._listener.listen(horizon)
            self._listener.forget(math.floor((time - HEARD_MEMORY_S) * HOPS_PER_SECOND))
        return self._listener.heard()

    def hops(self, first: int, horizon: int) -> list[tuple[int, int]]:
        """Loudness and pitch (in UNIT_HZ of prosody, 0 without a voice) of the hops from `first` to `horizon`."""
        window = slice(max(0, first - self._first_hop), max(0, self._hops_until(horizon) - self._first_hop))
        return list(zip(self._loudness[window], self._pitch[window], strict=True))

    def _hops_until(self, sample: int) -> int:
        return sample * HOPS_PER_SECOND // self.rate

    def forget(self, sample: int) -> None:
        """Drop what frames from `sample` on do not need."""
        oldest = sample - math.ceil(max(REACH_BACK_S, MARK_MEMORY_S) * self.rate)
        while self._spoken and self._spoken[0].end < oldest:
            del self._spoken[0]
        hop = max(0, self._hops_until(sample) - math.ceil(LOUDNESS_MEMORY_S * HOPS_PER_SECOND) - 10)
        drop = min(hop - self._first_hop, len(self._loudness))
        if drop > 0:
            del self._loudness[:drop], self._pitch[:drop]
            self._first_hop += drop

    def snapshot(self, horizon: int) -> dict[str, Any]:
        """All that is known before `horizon`, as JSON values."""
        hops = max(0, self._hops_until(horizon) - self._first_hop)
        marks = [[item.start, item.end, item.value] for item in self.spoken_until(horizon)]
        loudness, pitch = list(self._loudness[:hops]), list(self._pitch[:hops])
        known = {"hop": self._first_hop, "loudness": loudness, "pitch": pitch, "marks": marks}
        return known | {"listener": self._listener.snapshot()}

    def restore(self, state: dict[str, Any]) -> None:
        """Start from a snapshot. Raises ValueError, TypeError or KeyError for anything else."""
        self._first_hop = int(state["hop"])
        self._loudness, self._pitch = array("H", state["loudness"]), array("H", state["pitch"])
        if len(self._loudness) != len(self._pitch):
            raise ValueError("loudness and pitch of different lengths")
        self._spoken = [self._articulate(int(start), int(end), str(value)) for start, end, value in state["marks"]]
        self._listener.restore(state["listener"])
        # The first new pitch is measured on some sound that was heard before.
        known = (self._first_hop + len(self._loudness)) * self.rate // HOPS_PER_SECOND
        self.received = max(0, known - self._window.samples)
        self._rest = self._rest[: self._window.samples - (known - self.received)]
