"""The sample clock of one speech: audio at the rate asked for, cut into chunks, and marks in their places."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import soxr
from numpy.typing import NDArray

from likeness_common.media import AudioChunk, Mark
from likeness_common.stages.speech import SpeechEvent

CHUNK_MS = 80
"""Longest chunk: two frames at 25 fps. Chunks are more than half as long."""

_BLOCK_SAMPLES = 1 << 16
_FULL_SCALE = 32_768.0


class Track:
    """Where the audio of a speech has got to. `position` is the next sample, `sequence` the next chunk."""

    def __init__(self, sample_rate_hz: int) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.position = 0
        self.sequence = 0

    def add(self, pcm: NDArray[np.int16], marks: Sequence[Mark]) -> Iterator[SpeechEvent]:
        """Append samples: each mark (they are ordered by start) comes before the chunk in which it starts."""
        waiting = iter(marks)
        mark = next(waiting, None)
        for chunk in self.chunks(pcm):
            while mark and mark.start_sample < chunk.end_sample:
                yield mark
                mark = next(waiting, None)
            yield chunk

    def chunks(self, pcm: NDArray[np.int16]) -> Iterator[AudioChunk]:
        """Append samples (at least one) that no mark speaks of."""
        count = -(-len(pcm) * 1000 // (CHUNK_MS * self.sample_rate_hz))
        bounds = [len(pcm) * i // count for i in range(count + 1)]
        little_endian = pcm.astype("<i2", copy=False)
        for start, end in pairwise(bounds):
            chunk = AudioChunk(self.sequence, self.position, little_endian[start:end].tobytes())
            self.sequence += 1
            self.position = chunk.end_sample
            yield chunk


def resample(pcm: NDArray[np.int16], from_hz: int, to_hz: int) -> NDArray[np.int16]:
    """Change the rate of a whole stretch of speech; sample s lands at s * to_hz / from_hz.

    The filter's delay is taken out, and a stretch that begins and ends in silence joins the next without a click.
    Works in floats, so that nothing is dithered: the result is the same every time, and silence stays silent.
    """
    if from_hz == to_hz:
        return pcm
    stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality="HQ")
    blocks: list[NDArray[np.int16]] = [to_int16(block) for block in _resampled(stream, pcm)]
    return np.concatenate(blocks)


def _resampled(stream: soxr.ResampleStream, pcm: NDArray[np.int16]) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(pcm), _BLOCK_SAMPLES):
        yield stream.resample_chunk(pcm[start : start + _BLOCK_SAMPLES].astype(np.float32) / _FULL_SCALE)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def to_int16(block: NDArray[np.float32]) -> NDArray[np.int16]:
    """Samples in units of full scale as integers; what exceeds full scale is clipped."""
    scaled: NDArray[np.float32] = np.rint(block * np.float32(_FULL_SCALE))
    return scaled.clip(-_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
