# ruff: noqa: RUF001 - the characters that look alike are the ones meant
"""What holds for every voice, whatever it is made of. A voice enters the suite with its row in the table."""

import asyncio
import unicodedata
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import AudioChunk, Mark, MarkKind
from likeness_common.stages.speech import Script, SpeechEvent
from likeness_tts.voices import VOICES, Voice, load_voice

pytestmark = pytest.mark.contract

RATE = 24_000
TEXT = "The quick brown fox jumps over the lazy dog. Seven wise owls watch it, and say nothing! Do you?"
TRICKY = (
    "Well... 😀 I don't know: it's $5.50 — or 3.14? 𝐁𝐨𝐥𝐝 café,\n\nDr. No. 5 “quotes” e-mail a@b.com!! "
    "ＡＢ １２ 漢字 нет [[h@l'oU]] <b>&amp;</b> soft\u00adhyphen."
)


class Stream:
    """Everything a voice sent."""

    def __init__(self, events: list[SpeechEvent]) -> None:
        self.events = events
        self.chunks = [event for event in events if isinstance(event, AudioChunk)]
        self.pcm: NDArray[np.int16] = np.frombuffer(b"".join(chunk.pcm for chunk in self.chunks), "<i2")

    def marks(self, kind: MarkKind) -> list[Mark]:
        return [event for event in self.events if isinstance(event, Mark) and event.kind is kind]

    def check(self, text: str, rate: int) -> None:
        self._check_audio(rate)
        self._check_order()
        self._check_places(text)
        self._check_tiling()

    def _check_audio(self, rate: int) -> None:
        assert [chunk.sequence for chunk in self.chunks] == list(range(len(self.chunks)))
        assert self.chunks[0].start_sample == 0
        assert all(before.end_sample == after.start_sample for before, after in pairwise(self.chunks))
        assert all(isinstance(chunk.start_sample, int) and len(chunk.pcm) % 2 == 0 for chunk in self.chunks)
        assert all(0 < chunk.sample_count <= rate // 10 for chunk in self.chunks)
        assert sum(chunk.sample_count >= rate // 50 for chunk in self.chunks) >= len(self.chunks) - 1

    def _check_order(self) -> None:
        sent = 0
        latest = dict.fromkeys(MarkKind, 0)
        for event in self.events:
            if isinstance(event, AudioChunk):
                sent = event.end_sample
                continue
            assert event.start_sample >= sent, "a mark came after its audio"
            assert event.start_sample >= latest[event.kind], "marks of a kind are out of order"
            latest[event.kind] = event.start_sample

    def _check_places(self, text: str) -> None:
        for mark in self.events:
            if isinstance(mark, Mark):
                assert type(mark.start_sample) is int
                assert type(mark.end_sample) is int
                assert 0 <= mark.start_sample < mark.end_sample <= len(self.pcm)
                assert 0 <= mark.text_start <= mark.text_end <= len(text)
        for word in self.marks(MarkKind.WORD):
            assert word.value == text[word.text_start : word.text_end]
            assert word.value.split() == [word.value], "a word is one word"
        for sentence in self.marks(MarkKind.SENTENCE):
            assert text[sentence.text_start : sentence.text_end].strip()
            assert sentence.value == ""
        places = [sentence.text_start for sentence in self.marks(MarkKind.SENTENCE)]
        assert places == sorted(set(places))

    def _check_tiling(self) -> None:
        phonemes = self.marks(MarkKind.PHONEME)
        bounds = [(mark.start_sample, mark.end_sample) for mark in phonemes]
        assert bounds[0][0] == 0
        assert bounds[-1][1] == len(self.pcm)
        assert all(before[1] == after[0] for before, after in pairwise(bounds)), "phonemes and silences leave a gap"
        words = self.marks(MarkKind.WORD)
        assert all(before.end_sample <= after.start_sample for before, after in pairwise(words))
        inside = {edge for mark in phonemes if mark.value for edge in (mark.start_sample, mark.end_sample)}
        assert {edge for word in words for edge in (word.start_sample, word.end_sample)} <= inside
        for mark in phonemes:
            assert all(_is_ipa(character) for character in mark.value), mark


def _is_ipa(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM"


@pytest.fixture(scope="module", params=list(VOICES))
def voice(request: pytest.FixtureRequest) -> Voice:
    return load_voice(request.param)


async def read(voice: Voice, text: str = TEXT, hz: int = RATE, **options: object) -> Stream:
    script = Script(text, voice=voice.info().name, **options)  # type: ignore[arg-type]  # names of real fields
    return Stream([event async for event in voice.synthesize(script, hz)])


def test_the_table_and_the_voice_agree_on_its_name(voice: Voice) -> None:
    info = voice.info()
    assert VOICES[info.name].startswith("likeness_tts.voices.")
    assert info.description.endswith(".")
    assert info.licence
    assert info.streaming
    assert len(set(info.languages)) == len(info.languages) > 0
    assert all(tag == tag.lower() for tag in info.languages)


@pytest.mark.parametrize("rate", [8000, 16_000, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("text", [TEXT, TRICKY, "Hi", "1", "x" * 1000, "word " * 300])
async def test_streams_are_exact(voice: Voice, text: str, rate: int) -> None:
    stream = await read(voice, text, rate)
    stream.check(text, rate)
    assert stream.marks(MarkKind.WORD)


async def attempt(voice: Voice, text: str) -> Stream | InvalidArgument:
    try:
        return await read(voice, text)
    except InvalidArgument as error:
        return error


@settings(max_examples=60, deadline=None, database=None)
@given(
    text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=80)
    | st.text("abcXYZ 0159 .,;:!?…'\"-—()[]<>&$%#@*/\\\n\t😀🏽é𝒳漢かж\u00ad\u200b\u0301", min_size=1, max_size=120)
)
def test_any_text_gives_an_exact_stream_or_a_reason(voice: Voice, text: str) -> None:
    outcome = asyncio.run(attempt(voice, text))
    if isinstance(outcome, Stream):
        outcome.check(text, RATE)
    else:
        assert outcome.reason is Reason.SCRIPT_NOT_SPEAKABLE


async def test_it_is_speech_and_not_silence(voice: Voice) -> None:
    stream = await read(voice)
    level = np.sqrt(np.mean((stream.pcm / 32_768.0) ** 2))
    assert -32 < 20 * np.log10(level) < -10
    assert np.sum(np.abs(stream.pcm.astype(int)) >= 32_767) < 10, "clipped"
    assert len(stream.marks(MarkKind.SENTENCE)) == 3
    assert [word.value for word in stream.marks(MarkKind.WORD)][:4] == ["The", "quick", "brown", "fox"]
    seconds = len(stream.pcm) / RATE
    assert 4 < seconds < 12
    for sound in stream.marks(MarkKind.PHONEME):
        if sound.value and sound.end_sample - sound.start_sample > RATE // 20:
            assert np.max(np.abs(stream.pcm[sound.start_sample : sound.end_sample].astype(int))) > 100, sound


async def test_sounds_begin_where_their_marks_say_within_a_millisecond(voice: Voice) -> None:
    text = "Sam, Fred, Ann, Vera, Owen, Zoe, Mary, Sheila, Lou, Harry. " * 3
    stream = await read(voice, text)
    loud = np.abs(stream.pcm.astype(int)) > 60
    errors = [
        (np.argmax(loud[before.start_sample :]) + before.start_sample - after.start_sample) / RATE
        for before, after in pairwise(stream.marks(MarkKind.PHONEME))
        if not before.value and after.value and before.end_sample - before.start_sample > RATE // 50
    ]
    assert len(errors) >= 20
    assert max(map(abs, errors)) < 0.001


async def test_joints_between_sentences_do_not_click(voice: Voice) -> None:
    text = "Go. Ann ate. Zoe is up. Oh. " * 3 + "and so on " * 60
    stream = await read(voice, text, sentence_pause_ms=0)
    steps = np.abs(np.diff(stream.pcm.astype(int)))
    joints = [mark.start_sample for mark in stream.marks(MarkKind.SENTENCE)][1:]
    assert len(joints) >= 12
    assert max(int(steps[joint - 2 : joint + 2].max()) for joint in joints) < 300


@pytest.mark.parametrize("pause_ms", [0, 1, 250, 1234, 5000])
async def test_sentence_pauses_are_exact_silence(voice: Voice, pause_ms: int) -> None:
    plain = await read(voice, sentence_pause_ms=0)
    paused = await read(voice, sentence_pause_ms=pause_ms)
    samples = pause_ms * RATE // 1000
    assert len(paused.pcm) - len(plain.pcm) == 3 * samples
    for sentence in paused.marks(MarkKind.SENTENCE):
        assert not paused.pcm[sentence.end_sample : sentence.end_sample + samples].any()
    if samples:
        starts = {mark.start_sample: mark for mark in paused.marks(MarkKind.PHONEME)}
        pauses = [starts[sentence.end_sample] for sentence in paused.marks(MarkKind.SENTENCE)]
        assert [(mark.end_sample - mark.start_sample, mark.value) for mark in pauses] == [(samples, "")] * 3


async def test_the_same_script_gives_the_same_bytes_whatever_came_before(voice: Voice) -> None:
    first = (await read(voice)).events
    await read(voice, "Zap! Fizz, buzz? 1, 2, 3.", 8000, rate=1.3, pitch_semitones=5.0)
    for language in voice.info().languages[1:4]:
        await read(voice, "1 2 3", language=language)
    assert (await read(voice)).events == first
    assert (await read(load_voice(voice.info().name))).events == first


async def test_scripts_at_once_do_not_disturb_each_other(voice: Voice) -> None:
    scripts: list[dict[str, object]] = [
        {"text": TEXT},
        {"text": TRICKY},
        {"text": TEXT, "pitch_semitones": 4.0, "language": voice.info().languages[-1]},
    ]
    alone = [(await read(voice, **script)).events for script in scripts]  # type: ignore[arg-type]  # as above
    together = await asyncio.gather(*(read(voice, **script) for script in scripts))  # type: ignore[arg-type]  # as above
    assert [stream.events for stream in together] == alone


async def test_a_long_script_does_not_hold_up_a_short_one(voice: Voice) -> None:
    long_script = asyncio.create_task(read(voice, "A sentence of the long script. " * 600))
    await asyncio.sleep(0)
    await read(voice, "Hi.")
    assert not long_script.done()
    long_script.cancel()
    await asyncio.gather(long_script, return_exceptions=True)


async def test_a_reader_that_stops_reading_holds_up_nobody(voice: Voice) -> None:
    script = Script(TEXT * 20, voice=voice.info().name)
    async with aclosing(voice.synthesize(script, RATE)) as idle:
        assert isinstance(await anext(idle), Mark)
        await read(voice)


async def test_closing_early_ends_the_work_and_the_next_script_is_unharmed(voice: Voice) -> None:
    wanted = (await read(voice)).events
    script = Script(TEXT * 20, voice=voice.info().name)
    for taken in (0, 1, 30):
        events: AsyncGenerator[SpeechEvent] = voice.synthesize(script, RATE)
        for _ in range(taken):
            await anext(events)
        await events.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(events)
    assert (await read(voice)).events == wanted


async def test_cancelling_while_it_computes_leaves_the_voice_usable(voice: Voice) -> None:
    wanted = (await read(voice)).events
    readers = [asyncio.create_task(read(voice, TEXT * 20)) for _ in range(8)]
    for turns, reader in enumerate(readers):
        for _ in range(turns):
            await asyncio.sleep(0)
        reader.cancel()
    results = await asyncio.gather(*readers, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    assert (await read(voice)).events == wanted


async def test_every_language_it_lists_makes_sound(voice: Voice) -> None:
    for language in voice.info().languages:
        stream = await read(voice, "1 2 3, Anna.", language=language)
        assert np.max(np.abs(stream.pcm.astype(int))) > 1000, language
        stream.check("1 2 3, Anna.", RATE)


async def test_languages_differ_and_take_any_case(voice: Voice) -> None:
    languages = voice.info().languages
    if len(languages) > 1:
        assert (await read(voice, language=languages[0])).events != (await read(voice, language=languages[1])).events
    default = await read(voice, language=languages[0].upper())
    assert default.events == (await read(voice, language=languages[0])).events


async def test_an_unknown_language_is_refused_before_the_first_event(voice: Voice) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await anext(voice.synthesize(replace(Script("Hi"), language="tlh-nowhere"), RATE))
    assert caught.value.reason is Reason.LANGUAGE_UNKNOWN
    assert caught.value.field == "script.language"


async def test_rate_changes_the_length_as_asked(voice: Voice) -> None:
    own = len((await read(voice, sentence_pause_ms=0)).pcm)
    for rate in (0.5, 0.75, 1.5, 2.0):
        ratio = own / len((await read(voice, rate=rate, sentence_pause_ms=0)).pcm)
        assert ratio == pytest.approx(rate, rel=0.08)


async def test_pitch_changes_the_fundamental_as_asked(voice: Voice) -> None:
    own = _fundamental_hz((await read(voice)).pcm)
    for semitones in (-12.0, -5.0, 4.0, 12.0):
        stream = await read(voice, pitch_semitones=semitones)
        assert 12 * np.log2(_fundamental_hz(stream.pcm) / own) == pytest.approx(semitones, abs=1.5)
        stream.check(TEXT, RATE)


def _fundamental_hz(pcm: NDArray[np.int16]) -> float:
    """Median over voiced windows of the autocorrelation's peak between 40 and 400 Hz."""
    window, found = 2048, []
    for start in range(0, len(pcm) - window, window // 2):
        part = pcm[start : start + window].astype(float)
        part -= part.mean()
        correlation = np.fft.irfft(np.abs(np.fft.rfft(part, 2 * window)) ** 2)[: window // 2]
        lag = RATE // 400 + int(np.argmax(correlation[RATE // 400 : RATE // 40]))
        if np.sqrt(np.mean(part**2)) > 800 and correlation[lag] > 0.4 * correlation[0]:
            found.append(RATE / lag)
    return float(np.median(found))
