"""Hand-made speech and the driving of sessions."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engine import EngineSession
from likeness_common.media import AudioChunk, FrameBatch, Mark, MarkKind, VideoFormat

RATE = 24_000


def marks_of(phonemes: Sequence[tuple[str, int]], start_ms: int = 0) -> list[Mark]:
    """Phoneme marks from (IPA, milliseconds) pairs."""
    times = np.cumsum([start_ms, *(length for _, length in phonemes)]) * RATE // 1000
    spans = pairwise(times.tolist())
    return [
        Mark(MarkKind.PHONEME, start, end, 0, 0, value)
        for (value, _), (start, end) in zip(phonemes, spans, strict=True)
    ]


def babble(seconds: float, loudness: float = 4000.0) -> bytes:
    """Noise in syllables of 200 ms."""
    samples = np.arange(round(seconds * RATE))
    envelope = np.sin(np.pi * samples / (0.2 * RATE)) ** 2
    noise = np.random.default_rng(7).standard_normal(len(samples))
    samples16: NDArray[np.int16] = (loudness * envelope * noise).clip(-32768, 32767).astype("<i2")
    return samples16.tobytes()


def push_all(
    session: EngineSession, pcm: bytes, marks: Sequence[Mark], chunk: int, start_sample: int = 0
) -> Iterator[FrameBatch]:
    """Push speech in chunks of `chunk` samples, marks just before their audio, and finish."""
    waiting = [mark for mark in marks if mark.end_sample > start_sample]
    total = len(pcm) // 2
    for sequence, start in enumerate(range(start_sample, total, chunk)):
        end = min(total, start + chunk)
        while waiting and waiting[0].start_sample < end:
            yield from session.push(waiting.pop(0))
        yield from session.push(AudioChunk(sequence, start, pcm[2 * start : 2 * end]))
    yield from session.finish()


def split(batches: Sequence[FrameBatch], video: VideoFormat) -> list[bytes]:
    """Single frames."""
    size = video.frame_bytes
    return [batch.data[i * size : (i + 1) * size] for batch in batches for i in range(batch.count)]


def as_rgb(frame: bytes, video: VideoFormat) -> NDArray[np.uint8]:
    """An RGB24 frame as (height, width, 3)."""
    return np.frombuffer(frame, np.uint8).reshape(video.height, video.width, 3)
