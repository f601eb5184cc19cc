"""The speech stage: a script becomes audio and marks, a recording audio alone."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from likeness_common.media import RENDER_SAMPLE_RATE_HZ, AudioChunk, Mark

MAX_SCRIPT_CHARACTERS = 20_000
MAX_RECORDING_BYTES = 3 * 1024 * 1024
MAX_RECORDING_S = 600


@dataclass(frozen=True, slots=True)
class Script:
    """What is to be said and how.

    rate 0.5 to 2.0 (1 is the voice's own), pitch -12 to 12 semitones, sentence_pause_ms 0 to 5000.
    """

    text: str
    language: str = "en-us"
    voice: str = "espeak"
    rate: float = 1.0
    pitch_semitones: float = 0.0
    sentence_pause_ms: int = 250


@dataclass(frozen=True, slots=True)
class Recording:
    """Speech that exists already: a file as likeness.tts.v1.Recording describes it, at most 3 MiB and 10 minutes."""

    file: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """What a voice can do; see likeness.tts.v1.Voice for the meaning of each field."""

    name: str
    description: str
    languages: tuple[str, ...]
    streaming: bool
    marks: bool
    cloning: bool
    native_sample_rate_hz: int
    licence: str
    cost_micros_per_1000_characters: int = 0


SpeechEvent = AudioChunk | Mark
"""A mark comes no later than the audio it speaks of; marks of a kind are ordered by start."""


class Speech(ABC):
    """Turns scripts and recordings into speech."""

    @abstractmethod
    async def voices(self) -> Sequence[VoiceInfo]:
        """Every voice that works, the default first."""

    @abstractmethod
    def synthesize(self, script: Script, sample_rate_hz: int = RENDER_SAMPLE_RATE_HZ) -> AsyncIterator[SpeechEvent]:
        """Read `script` aloud, sentence by sentence, as audio at `sample_rate_hz` and marks on its sample clock.

        Closing the iterator stops the synthesis. Raises InvalidArgument for a script, voice or language that cannot
        be read, before the first event.
        """

    @abstractmethod
    async def measure(self, recording: Recording) -> int:
        """Length of a recording in microseconds, from its packets: within 0.1 seconds of what `play` sends.

        Raises InvalidArgument (RECORDING_*) for a file that cannot be played.
        """

    @abstractmethod
    def play(self, recording: Recording, sample_rate_hz: int = RENDER_SAMPLE_RATE_HZ) -> AsyncIterator[AudioChunk]:
        """Play `recording` as mono audio at `sample_rate_hz`, its level kept; what exceeds full scale is clipped.

        Closing the iterator stops the work. Raises InvalidArgument (RECORDING_*) for a file that cannot be played:
        before the first chunk, or where it is damaged or turns out to be too long.
        """
