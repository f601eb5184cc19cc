"""What the services offer now."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.stages.animator import EngineInfo
from likeness_common.stages.speech import Script, VoiceInfo
from likeness_gateway.languages import check_language
from likeness_gateway.pipeline.failures import ANIMATOR, TTS, failing
from likeness_gateway.pipeline.run import Stages
from likeness_gateway.routing import Pool

FRESH_S = 5.0
LOCAL_POOL = "local"


@dataclass(frozen=True, slots=True)
class Offer:
    """Voices and engines, the defaults first."""

    voices: tuple[VoiceInfo, ...]
    engines: tuple[EngineInfo, ...]

    def voice_for(self, script: Script) -> VoiceInfo:
        """The voice that reads a script. Raises InvalidArgument (VOICE_UNKNOWN, LANGUAGE_UNKNOWN)."""
        name = script.voice
        for voice in self.voices:
            if voice.name == name:
                check_language(script.language, voice)
                return voice
        known = ", ".join(voice.name for voice in self.voices)
        message = f"spec.script.voice {name!r} is not known; use one of: {known}"
        raise InvalidArgument(Reason.VOICE_UNKNOWN, message, field="spec.script.voice")

    @property
    def pools(self) -> Sequence[Pool]:
        """Every engine of the animator, as a pool."""
        return [Pool(LOCAL_POOL, engine) for engine in self.engines]


class Catalogue:
    """Asks the services for what they offer, at most every few seconds."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        self._offer: Offer | None = None
        self._fresh_until = 0.0

    async def offer(self) -> Offer:
        """What is offered. Raises Unavailable (SERVICE_UNREACHABLE) when a service does not answer."""
        if self._offer is None or time.monotonic() > self._fresh_until:
            with failing(TTS):
                voices = await self._stages.speech.voices()
            with failing(ANIMATOR):
                engines = await self._stages.animator.engines()
            self._offer = Offer(tuple(voices), tuple(engines))
            self._fresh_until = time.monotonic() + FRESH_S
        return self._offer
