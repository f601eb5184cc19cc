"""Speech without a synthesiser, and how it is handed to sessions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, repeat

import numpy as np

from likeness_animator.engine import EngineSession
from likeness_common.media import RENDER_SAMPLE_RATE_HZ, AudioChunk, FrameBatch, Mark, MarkKind

CHUNK_S = 0.05
SYLLABLE_S = 0.2
PHONEMES = ("m", "a")


@dataclass(frozen=True, slots=True)
class Speech:
    """Mono s16 samples, and marks in order of their starts."""

    pcm: bytes
    marks: tuple[Mark, ...] = ()
    rate_hz: int = RENDER_SAMPLE_RATE_HZ

    @property
    def samples(self) -> int:
        return len(self.pcm) // 2

    def cut(self, samples: int) -> "Speech":
        """The beginning."""
        return Speech(self.pcm[: 2 * samples], self.marks, self.rate_hz)

    def unmarked(self) -> "Speech":
        return Speech(self.pcm, (), self.rate_hz)

    def then(self, later: "Speech") -> "Speech":
        """Both, one after the other."""
        moved = tuple(_moved(mark, self.samples) for mark in later.marks)
        return Speech(self.pcm + later.pcm, self.marks + moved, self.rate_hz)


def quiet(seconds: float, rate_hz: int = RENDER_SAMPLE_RATE_HZ) -> Speech:
    return Speech(bytes(2 * round(seconds * rate_hz)), (), rate_hz)


def babble(seconds: float, rate_hz: int = RENDER_SAMPLE_RATE_HZ) -> Speech:
    """A hum of 130 Hz with breath, in marked syllables of 200 ms."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    hum = sum(np.sin(2 * np.pi * 130 * harmonic * time) / harmonic for harmonic in range(1, 20))
    breath = np.random.default_rng(7).standard_normal(len(time))
    syllables = np.sin(np.pi * time / SYLLABLE_S) ** 2
    pcm = (syllables * (4000 * hum + 400 * breath)).clip(-32768, 32767).astype("<i2").tobytes()
    step = SYLLABLE_S / len(PHONEMES)
    edges = [round(index * step * rate_hz) for index in range(int(seconds / step) + 1)]
    spans = pairwise(edges)
    marks = (Mark(MarkKind.PHONEME, *span, 0, 0, PHONEMES[index % 2]) for index, span in enumerate(spans))
    return Speech(pcm, tuple(marks), rate_hz)


def push(
    session: EngineSession, speech: Speech, chunks: Iterable[int] = (), start_sample: int = 0
) -> Iterator[FrameBatch]:
    """Hand over speech in chunks of so many samples, the rest in chunks of 50 ms; marks just before their audio."""
    waiting = [mark for mark in speech.marks if mark.end_sample > start_sample]
    for sequence, (start, end) in enumerate(_spans(speech, chunks, start_sample)):
        while waiting and waiting[0].start_sample < end:
            yield from session.push(waiting.pop(0))
        yield from session.push(AudioChunk(sequence, start, speech.pcm[2 * start : 2 * end]))


def push_all(
    session: EngineSession, speech: Speech, chunks: Iterable[int] = (), start_sample: int = 0
) -> Iterator[FrameBatch]:
    """Hand over speech as `push` does, and finish."""
    yield from push(session, speech, chunks, start_sample)
    yield from session.finish()


def _spans(speech: Speech, chunks: Iterable[int], start: int) -> Iterator[tuple[int, int]]:
    for size in (*chunks, *repeat(round(CHUNK_S * speech.rate_hz), speech.samples)):
        if start >= speech.samples:
            return
        end = min(speech.samples, start + size)
        yield start, end
        start = end


def _moved(mark: Mark, samples: int) -> Mark:
    return Mark(mark.kind, mark.start_sample + samples, mark.end_sample + samples, 0, 0, mark.value)
