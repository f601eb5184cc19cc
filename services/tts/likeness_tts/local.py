"""Speech in this process."""

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from likeness_common.errors import InvalidArgument, Reason, Unavailable
from likeness_common.media import RENDER_SAMPLE_RATE_HZ
from likeness_common.stages.speech import Script, Speech, SpeechEvent, VoiceInfo
from likeness_common.validation.script import SAMPLE_RATE_RANGE_HZ, check_range, check_script
from likeness_tts.voices import VOICES, Voice, load_voice

log = logging.getLogger(__name__)

MAX_SCRIPTS = 64
_RETRY_AFTER_S = 1.0


class LocalSpeech(Speech):
    """Reads up to `max_scripts` scripts at a time with the voices of this distribution."""

    def __init__(self, max_scripts: int = MAX_SCRIPTS) -> None:
        self._max_scripts = max_scripts
        self._scripts = 0
        self._voices: dict[str, Voice] = {}

    async def voices(self) -> Sequence[VoiceInfo]:
        """See Speech. A voice that cannot work here is left out, and the log says why."""
        working = []
        for name in VOICES:
            try:
                working.append(self._voice(name).info())
            except Unavailable as error:
                log.warning("voice %s is left out: %s", name, error.message)
        return working

    async def synthesize(
        self, script: Script, sample_rate_hz: int = RENDER_SAMPLE_RATE_HZ
    ) -> AsyncGenerator[SpeechEvent]:
        """See Speech. Raises Unavailable (SERVER_BUSY) beyond the limit of scripts at a time."""
        check_script(script)
        check_range("sample_rate_hz", sample_rate_hz, SAMPLE_RATE_RANGE_HZ)
        voice = self._voice(script.voice)
        if self._scripts >= self._max_scripts:
            raise Unavailable(
                Reason.SERVER_BUSY,
                f"the speech service reads {self._max_scripts} scripts already; try again",
                retry_after_s=_RETRY_AFTER_S,
            )
        self._scripts += 1
        try:
            async with aclosing(voice.synthesize(script, sample_rate_hz)) as events:
                async for event in events:
                    yield event
        finally:
            self._scripts -= 1

    def _voice(self, name: str) -> Voice:
        if name not in VOICES:
            known = ", ".join(VOICES)
            raise InvalidArgument(
                Reason.VOICE_UNKNOWN,
                f"script.voice {name[:40]!r} is not a voice; the voices are: {known}",
                field="script.voice",
                metadata={"known": known},
            )
        if name not in self._voices:
            self._voices[name] = load_voice(name)
        return self._voices[name]
