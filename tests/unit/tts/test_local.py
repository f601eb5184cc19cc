# ruff: noqa: RUF001 - the characters that look alike are the ones meant
import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest

from likeness_common.errors import InvalidArgument, LikenessError, Reason, Unavailable
from likeness_common.media import AudioChunk, MarkKind
from likeness_common.stages.speech import Script, Speech, VoiceInfo
from likeness_tts.local import LocalSpeech
from likeness_tts.voices import VOICES, load_voice
from likeness_tts.voices.espeak import EspeakVoice

pytestmark = pytest.mark.unit

Speak = Callable[..., Awaitable[Any]]


async def refusal(speech: Speech, script: Script, sample_rate_hz: int = 24_000) -> LikenessError:
    with pytest.raises(LikenessError) as caught:
        await anext(speech.synthesize(script, sample_rate_hz))
    return caught.value


async def test_every_voice_of_the_table_is_listed_the_default_first(speech: Speech) -> None:
    listed = await speech.voices()
    assert [voice.name for voice in listed] == list(VOICES)
    assert listed[0].name == Script("").voice
    assert Script("").language == listed[0].languages[0]
    assert listed[0].licence == "GPL-3.0-or-later"


async def test_a_voice_that_cannot_work_is_left_out_and_named_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: EspeakVoice) -> VoiceInfo:
        raise Unavailable(Reason.ENGINE_UNAVAILABLE, "the data is missing; reinstall it")

    monkeypatch.setattr(EspeakVoice, "info", broken)
    assert await LocalSpeech().voices() == []
    assert "voice espeak is left out: the data is missing; reinstall it" in caplog.text


async def test_an_unknown_voice_is_refused_with_the_list(speech: Speech) -> None:
    error = await refusal(speech, Script("Hi", voice="siri"))
    assert isinstance(error, InvalidArgument)
    assert error.reason is Reason.VOICE_UNKNOWN
    assert error.field == "script.voice"
    assert "espeak" in error.message


@pytest.mark.parametrize(
    ("script", "rate", "reason", "field"),
    [
        (Script(""), 24_000, Reason.SCRIPT_EMPTY, "script.text"),
        (Script("x" * 20_001), 24_000, Reason.SCRIPT_TOO_LONG, "script.text"),
        (Script("a\x07"), 24_000, Reason.SCRIPT_INVALID_CHARACTER, "script.text"),
        (Script("😀"), 24_000, Reason.SCRIPT_NOT_SPEAKABLE, "script.text"),
        (Script("\u02bb"), 24_000, Reason.SCRIPT_NOT_SPEAKABLE, "script.text"),
        (Script("Hi", rate=3), 24_000, Reason.FIELD_OUT_OF_RANGE, "script.rate"),
        (Script("Hi", language="xx-yy"), 24_000, Reason.LANGUAGE_UNKNOWN, "script.language"),
        (Script("Hi"), 7999, Reason.FIELD_OUT_OF_RANGE, "sample_rate_hz"),
        (Script("Hi"), 48_001, Reason.FIELD_OUT_OF_RANGE, "sample_rate_hz"),
    ],
)
async def test_wrong_scripts_are_refused_before_the_first_event(
    speech: Speech, script: Script, rate: int, reason: Reason, field: str
) -> None:
    error = await refusal(speech, script, rate)
    assert (error.reason, error.field) == (reason, field)


async def test_marks_point_into_the_script_as_written(speak: Speak) -> None:
    text = "😀 Hello, 𝒳-ray!\n\nIt's 5 o'clock… soft\u00adly.  漢 end"
    spoken = await speak(text)
    words = [text[mark.text_start : mark.text_end] for mark in spoken.marks(MarkKind.WORD)]
    assert words[:5] == ["Hello", "𝒳-ray", "It's", "5", "o'clock"]
    assert "soft\u00adly" in words
    sentences = [text[mark.text_start : mark.text_end] for mark in spoken.marks(MarkKind.SENTENCE)]
    assert sentences[0].strip("😀 ") == "Hello, 𝒳-ray!"


async def test_a_run_on_script_of_600_words_streams_in_parts(speech: Speech) -> None:
    text = " ".join(["word"] * 600)
    events = speech.synthesize(Script(text))
    async for event in events:
        if isinstance(event, AudioChunk):
            break
        assert event.text_end <= 200
    assert isinstance(events, AsyncGenerator)
    await events.aclose()


async def test_lips_close_for_p_b_and_m(speak: Speak) -> None:
    spoken = await speak("Pam bumps up. My baby.")
    values = [mark.value for mark in spoken.marks(MarkKind.PHONEME)]
    assert {"p", "b", "m"} <= set(values)
    closures = [mark for mark in spoken.marks(MarkKind.PHONEME) if mark.value in {"p", "b"}]
    assert min(mark.end_sample - mark.start_sample for mark in closures) > 24_000 * 50 // 1000


async def test_more_scripts_than_allowed_are_refused_for_now(speech: Speech) -> None:
    limited = LocalSpeech(max_scripts=2)
    async with aclosing(limited.synthesize(Script("One."))) as one, aclosing(limited.synthesize(Script("Two."))) as two:
        await anext(one)
        await anext(two)
        error = await refusal(limited, Script("Three."))
        assert isinstance(error, Unavailable)
        assert error.reason is Reason.SERVER_BUSY
        assert error.retry_after_s is not None
    async with aclosing(limited.synthesize(Script("Four."))) as four:
        await anext(four)
        await refusal(limited, Script(""))
    assert [event async for event in limited.synthesize(Script("Five."))]


async def test_cancelled_scripts_give_their_place_back() -> None:
    limited = LocalSpeech(max_scripts=1)

    async def read() -> None:
        async for _ in limited.synthesize(Script("word " * 4000)):
            await asyncio.sleep(0)

    for _ in range(3):
        reader = asyncio.create_task(read())
        await asyncio.sleep(0.01)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
    assert [event async for event in limited.synthesize(Script("Free again."))]


def test_a_voice_that_is_not_in_the_table_cannot_be_loaded() -> None:
    with pytest.raises(KeyError):
        load_voice("siri")
