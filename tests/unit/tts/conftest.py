"""What the tests of the speech service share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from likeness_common.media import AudioChunk, Mark, MarkKind
from likeness_common.stages.speech import Script, Speech, SpeechEvent
from likeness_tts.local import LocalSpeech

settings.register_profile("no wall clock", deadline=None, database=None)
settings.load_profile("no wall clock")


@dataclass(frozen=True)
class Spoken:
    """All of a script's speech."""

    events: list[SpeechEvent]

    @property
    def chunks(self) -> list[AudioChunk]:
        return [event for event in self.events if isinstance(event, AudioChunk)]

    @property
    def pcm(self) -> NDArray[np.int16]:
        return np.frombuffer(b"".join(chunk.pcm for chunk in self.chunks), "<i2")

    def marks(self, kind: MarkKind) -> list[Mark]:
        return [event for event in self.events if isinstance(event, Mark) and event.kind is kind]


Speak = Callable[..., Awaitable[Spoken]]


@pytest.fixture(scope="session")
def speech() -> Speech:
    return LocalSpeech()


@pytest.fixture
def speak(speech: Speech) -> Speak:
    async def run(text: str, sample_rate_hz: int = 24_000, **options: object) -> Spoken:
        script = Script(text, **options)  # type: ignore[arg-type]  # the tests name real fields
        return Spoken([event async for event in speech.synthesize(script, sample_rate_hz)])

    return run
