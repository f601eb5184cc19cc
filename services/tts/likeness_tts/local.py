"""Speech in this process."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Generator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from typing import TypeVar

from likeness_common.errors import InvalidArgument, Reason, Unavailable
from likeness_common.media import RENDER_SAMPLE_RATE_HZ, AudioChunk
from likeness_common.stages.speech import Recording, Script, Speech, SpeechEvent, VoiceInfo
from likeness_common.validation.recording import check_recording
from likeness_common.validation.script import SAMPLE_RATE_RANGE_HZ, check_range, check_script
from likeness_tts import recording as recordings
from likeness_tts.audio import Track
from likeness_tts.voices import VOICES, Voice, load_voice

log = logging.getLogger(__name__)

MAX_SCRIPTS = 64
_RETRY_AFTER_S = 1.0

Item = TypeVar("Item")


class LocalSpeech(Speech):
    """Reads up to `max_scripts` scripts at a time with the voices of this distribution; recordings count as scripts."""

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
        with self._busy():
            async with aclosing(voice.synthesize(script, sample_rate_hz)) as events:
                async for event in events:
                    yield event

    async def measure(self, recording: Recording) -> int:
        """See Speech. Raises Unavailable (SERVER_BUSY) as synthesize does."""
        check_recording(recording)
        with self._busy():
            return await asyncio.to_thread(recordings.measure, recording.file)

    async def play(
        self, recording: Recording, sample_rate_hz: int = RENDER_SAMPLE_RATE_HZ
    ) -> AsyncGenerator[AudioChunk]:
        """See Speech. Raises Unavailable (SERVER_BUSY) as synthesize does."""
        check_recording(recording)
        check_range("sample_rate_hz", sample_rate_hz, SAMPLE_RATE_RANGE_HZ)
        track = Track(sample_rate_hz)
        with self._busy():
            async with aclosing(_on_threads(recordings.play(recording.file, sample_rate_hz))) as blocks:
                async for block in blocks:
                    for chunk in track.chunks(block):
                        yield chunk

    @contextmanager
    def _busy(self) -> Iterator[None]:
        if self._scripts >= self._max_scripts:
            raise Unavailable(
                Reason.SERVER_BUSY,
                f"the speech service reads {self._max_scripts} scripts already; try again",
                retry_after_s=_RETRY_AFTER_S,
            )
        self._scripts += 1
        try:
            yield
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


async def _on_threads(source: Generator[Item, None, None]) -> AsyncGenerator[Item]:
    """What a blocking generator yields, each step computed off the event loop when it is asked for."""
    loop = asyncio.get_running_loop()
    step: asyncio.Future[Item | None] = loop.create_future()
    step.set_result(None)
    try:
        while True:
            step = loop.run_in_executor(None, next, source, None)
            item = await asyncio.shield(step)
            if item is None:
                return
            yield item
    finally:  # left in the middle of a step, it ends with that step
        step.add_done_callback(lambda _: source.close())
