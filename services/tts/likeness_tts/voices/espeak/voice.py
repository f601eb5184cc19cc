"""The espeak voice."""

import asyncio
import functools
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.stages.speech import Script, SpeechEvent, VoiceInfo
from likeness_tts.text import pieces
from likeness_tts.voices.espeak.languages import Languages, usable_languages
from likeness_tts.voices.espeak.library import NATIVE_SAMPLE_RATE_HZ
from likeness_tts.voices.espeak.reader import Reader
from likeness_tts.voices.espeak.supply import Supply
from likeness_tts.voices.voice import Voice

_THREADS = 2


class EspeakVoice(Voice):
    """Formant synthesis in over 130 languages: robotic, and there within milliseconds.

    A script has one piece at a time in the queue of the threads, and the next only when its reader has taken the
    last: scripts take turns piece by piece, however long they are, and a slow reader holds back nobody but itself.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="espeak")
        self._supply = Supply()

    @functools.cached_property
    def _languages(self) -> Languages:
        espeak = self._supply.take()
        languages = usable_languages(espeak.languages())
        self._supply.give(espeak)
        return languages

    def info(self) -> VoiceInfo:
        """See Voice."""
        return VoiceInfo(
            name="espeak",
            description="eSpeak NG: robotic but clear, in many languages, at next to no cost. The default.",
            languages=self._languages.tags,
            streaming=True,
            marks=True,
            cloning=False,
            native_sample_rate_hz=NATIVE_SAMPLE_RATE_HZ,
            licence="GPL-3.0-or-later",
        )

    async def synthesize(self, script: Script, sample_rate_hz: int) -> AsyncGenerator[SpeechEvent]:
        """See Voice."""
        loop = asyncio.get_running_loop()
        reader = Reader(script, self._languages.resolve(script.language), sample_rate_hz, self._supply)
        said_something = False
        try:
            for piece in pieces(script.text):
                events = await loop.run_in_executor(self._threads, reader.read, piece)
                if events and not said_something:
                    self._threads.submit(self._supply.refill)
                    said_something = True
                for event in events:
                    yield event
        finally:
            reader.close()
        if not said_something:
            raise InvalidArgument(
                Reason.SCRIPT_NOT_SPEAKABLE,
                f"script.text has nothing that the voice espeak can say in {script.language}; check script.language",
                field="script.text",
            )
