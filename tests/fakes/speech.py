"""Speech without a synthesiser."""

from collections.abc import AsyncIterator, Sequence

from likeness_common.media import RENDER_SAMPLE_RATE_HZ, AudioChunk, Mark, MarkKind
from likeness_common.stages.speech import Recording, Script, Speech, SpeechEvent, VoiceInfo
from tests.fakes.faults import Faults

VOICE = VoiceInfo("espeak", "Hums.", ("en-us",), True, True, False, 22_050, "GPL-3.0-or-later")
PAID_VOICE = VoiceInfo("studio", "Hums for money.", ("en-us",), True, True, False, 24_000, "Apache-2.0", 50_000)
RESEARCH_VOICE = VoiceInfo("research", "Hums for science.", ("en-us",), True, True, False, 24_000, "CC-BY-NC-4.0")

SAMPLES_PER_WORD = 6_100
"""Not a multiple of a frame at 25 fps (960), so that frames and words never line up."""


class FakeSpeech(Speech):
    """Every word is 6100 samples of a constant, with one word mark and one phoneme mark.

    A recording is as many blocks of 6100 samples as its file has bytes, each a constant of the byte's value.

    Faults: `voices`, `synthesize` and `play` (before the first event), `word` (before each word or block), `end`,
    `measure`.
    """

    def __init__(self) -> None:
        self.faults = Faults()
        self.open = 0

    async def voices(self) -> Sequence[VoiceInfo]:
        """See Speech."""
        await self.faults.reach("voices")
        return (VOICE, PAID_VOICE, RESEARCH_VOICE)

    async def synthesize(
        self, script: Script, sample_rate_hz: int = RENDER_SAMPLE_RATE_HZ
    ) -> AsyncIterator[SpeechEvent]:
        """See Speech."""
        self.open += 1
        try:
            await self.faults.reach("synthesize")
            for index, word in enumerate(script.text.split()):
                await self.faults.reach("word")
                start, end = index * SAMPLES_PER_WORD, (index + 1) * SAMPLES_PER_WORD
                yield Mark(MarkKind.WORD, start, end, 0, len(word), word)
                yield Mark(MarkKind.PHONEME, start, end, 0, len(word), "a")
                value = 1 + index % 100
                yield AudioChunk(index, start, bytes([value, 0]) * SAMPLES_PER_WORD)
            await self.faults.reach("end")
        finally:
            self.open -= 1

    async def measure(self, recording: Recording) -> int:
        """See Speech."""
        await self.faults.reach("measure")
        return len(recording.file) * SAMPLES_PER_WORD * 1_000_000 // RENDER_SAMPLE_RATE_HZ

    async def play(
        self, recording: Recording, sample_rate_hz: int = RENDER_SAMPLE_RATE_HZ
    ) -> AsyncIterator[AudioChunk]:
        """See Speech."""
        self.open += 1
        try:
            await self.faults.reach("play")
            for index, value in enumerate(recording.file):
                await self.faults.reach("word")
                yield AudioChunk(index, index * SAMPLES_PER_WORD, bytes([value, 0]) * SAMPLES_PER_WORD)
            await self.faults.reach("end")
        finally:
            self.open -= 1
