"""PCM audio. The sample clock of the audio is the one clock of a render."""

from dataclasses import dataclass

RENDER_SAMPLE_RATE_HZ = 24_000
BYTES_PER_SAMPLE = 2


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """Mono little-endian signed 16-bit PCM at `sample_rate_hz` (8000 to 48000)."""

    sample_rate_hz: int = RENDER_SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A run of samples. `sequence` counts chunks from 0; `start_sample` is the position on the sample clock."""

    sequence: int
    start_sample: int
    pcm: bytes

    @property
    def sample_count(self) -> int:
        """Samples in this chunk."""
        return len(self.pcm) // BYTES_PER_SAMPLE

    @property
    def end_sample(self) -> int:
        """One past the last sample."""
        return self.start_sample + self.sample_count
