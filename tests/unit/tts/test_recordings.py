"""Audio files become the samples that are in them, or a reason why not."""

import asyncio
import struct
from collections.abc import Callable
from contextlib import aclosing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from likeness_common.errors import InvalidArgument, Reason, Unavailable
from likeness_common.stages.speech import MAX_RECORDING_BYTES, Recording, Speech
from likeness_tts.local import LocalSpeech
from likeness_tts.recording import measure, play
from tests.unit.tts.recordings import KINDS, encoded, tone, wav

pytestmark = pytest.mark.unit

RATE = 24_000


def heard(file: bytes, rate: int = RATE) -> NDArray[np.float64]:
    """What is played, in units of full scale."""
    return np.concatenate(list(play(file, rate))) / 32_768


def level(samples: NDArray[np.float64]) -> float:
    """Peak of the sine that this is, away from its ends."""
    inside = samples[len(samples) // 4 : -len(samples) // 4]
    return float(np.sqrt(2 * np.mean(inside**2)))


def refusals(file: bytes) -> set[Reason]:
    """Why a file is not measured and not played; fails when either accepts it or names no fix."""
    reasons = set()
    for attempt in (lambda: measure(file), lambda: heard(file)):
        with pytest.raises(InvalidArgument) as caught:
            attempt()
        assert caught.value.field == "recording.file"
        assert caught.value.message.startswith("recording.file ")
        assert "; " in caught.value.message
        reasons.add(caught.value.reason)
    return reasons


@pytest.mark.parametrize(
    ("kind", "layout"),
    [(kind, "stereo") for kind in KINDS] + [(kind, "mono") for kind in KINDS if kind != "ogg-vorbis"],
)
def test_every_kind_is_played_at_its_own_length_pitch_and_level(kind: str, layout: str) -> None:
    file = encoded(kind, layout=layout)
    samples = heard(file)
    assert abs(len(samples) / RATE - 2) < 0.06
    assert abs(measure(file) / 1e6 - len(samples) / RATE) < 0.1
    assert 0.46 < level(samples) < 0.53
    spectrum = np.abs(np.fft.rfft(samples[: 2 * RATE] * np.hanning(len(samples[: 2 * RATE]))))
    assert abs(np.argmax(spectrum) / 2 - 440) < 2


def test_what_needs_no_change_is_not_changed() -> None:
    pcm = np.random.default_rng(0).integers(-32_768, 32_768, RATE, dtype=np.int16)
    assert np.array_equal(np.concatenate(list(play(wav(data=pcm.tobytes()), RATE))), pcm)


@pytest.mark.parametrize("layout", ["mono", "stereo", "2.1", "3.0", "4.0", "5.0", "5.1", "6.1"])
def test_mixing_keeps_the_level_of_what_all_channels_say(layout: str) -> None:
    assert abs(level(heard(encoded("wav", layout=layout))) - 0.5) < 0.01


def test_what_exceeds_full_scale_is_clipped() -> None:
    samples = heard(encoded("wav-float", tone(8000, level=2.0)))
    assert samples.max() > 0.999
    assert samples.min() == -1.0


@settings(max_examples=60)
@given(
    count=st.integers(1, 30_000),
    rate=st.sampled_from([8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000, 96_000, 192_000]),
    wanted=st.sampled_from([8000, 16_000, 24_000, 44_100, 48_000]),
)
def test_resampling_keeps_the_length(count: int, rate: int, wanted: int) -> None:
    samples = heard(wav(rate, data=bytes(2 * count)), wanted) if count * wanted >= rate else np.zeros(0)
    assert abs(len(samples) - count * wanted / rate) <= 1


@pytest.mark.parametrize("wanted", [8000, 44_100, 48_000])
def test_blocks_are_bounded_whatever_the_file_is(wanted: int) -> None:
    blocks = [len(block) for block in play(encoded("flac", tone(44_100, 7.3)), wanted)]
    assert max(blocks) < wanted
    assert min(blocks[:-1]) >= wanted // 2
    assert abs(sum(blocks) - 7.3 * wanted) <= 2


@pytest.mark.parametrize(
    "file",
    [
        b"hello",
        b"#EXTM3U\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        *(
            start + bytes(2000)
            for start in (b"fLaC", b"OggS", b"\x1aE\xdf\xa3", b"\0\0\0\x18ftypM4A ", b"ID3", b"\xff\xfb")
        ),
        wav()[:30],
        wav(rate=0),
        wav(rate=1),
        wav(rate=7999),
        wav(rate=192_001),
        wav(rate=4_000_000_000),
        wav(channels=0),
        wav(channels=9),
        wav(channels=500),
        wav(channels=65_535),
        encoded("m4a")[:-2000],
    ],
    ids=lambda file: repr(file[:12]),
)
def test_what_is_no_audio_is_refused(file: bytes) -> None:
    assert refusals(file) == {Reason.RECORDING_UNREADABLE}


def test_a_file_without_sound_is_refused() -> None:
    assert refusals(wav(data=b"")) == {Reason.RECORDING_EMPTY}


def test_hours_of_silence_in_a_small_file_are_refused() -> None:
    file = encoded("flac", np.zeros(8000 * 1800, np.float32), rate=8000)
    assert len(file) < MAX_RECORDING_BYTES // 4
    assert refusals(file) == {Reason.RECORDING_TOO_LONG}


def test_ten_minutes_are_allowed() -> None:
    file = encoded("flac", np.zeros(8000 * 600, np.float32), rate=8000)
    assert measure(file) == 600_000_000
    assert sum(map(len, play(file, 8000))) == 8000 * 600


def test_an_index_that_claims_more_than_the_file_can_hold_is_refused() -> None:
    file = bytearray(encoded("m4a"))
    sizes, chunks = file.index(b"stsz") + 8, file.index(b"stsc") + 16
    file[sizes : sizes + 8] = struct.pack(">II", 1, 0x07FFFFFF)
    file[chunks : chunks + 4] = struct.pack(">I", 0x07FFFFFF)
    assert refusals(bytes(file)) == {Reason.RECORDING_UNREADABLE}


@pytest.mark.parametrize(
    ("kind", "facts"),
    [(b"stsz", (0, 1, 2**27)), (b"stz2", (0, 16, 2**27)), (b"trun", (0, 2**27))],
    ids=["stsz", "stz2", "trun"],
)
def test_every_table_of_samples_is_held_against_the_size_of_the_file(kind: bytes, facts: tuple[int, ...]) -> None:
    table = struct.pack(f">I4s{len(facts)}I", 8 + 4 * len(facts), kind, *facts)
    with pytest.raises(InvalidArgument, match=r"is damaged; save it"):
        measure(encoded("m4a") + table)


def test_a_compressed_index_is_refused() -> None:
    compressed = struct.pack(">I4sI4s", 100, b"cmov", 12, b"dcom")
    with pytest.raises(InvalidArgument, match=r"has a compressed index; save it"):
        measure(encoded("m4a") + compressed)


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "ogg-opus", "webm"])
def test_a_file_that_breaks_off_is_played_as_far_as_it_goes(kind: str) -> None:
    file = encoded(kind, tone(KINDS[kind][2], 6.0))
    samples = heard(file[: int(len(file) * 0.7)])
    assert 2.5 < len(samples) / RATE < 5
    assert 0.46 < level(samples) < 0.53


@settings(max_examples=150)
@given(
    kind=st.sampled_from(["wav", "flac", "mp3", "ogg-opus", "m4a", "webm"]),
    seed=st.integers(0, 2**32),
    changes=st.integers(1, 400),
    kept=st.floats(0.01, 1),
)
def test_damage_gives_sound_or_a_reason(kind: str, seed: int, changes: int, kept: float) -> None:
    random = np.random.default_rng(seed)
    file = bytearray(WHOLE[kind])
    for place in random.integers(0, len(file), changes):
        file[place] = random.integers(256)
    damaged = bytes(file[: int(len(file) * kept)])
    for attempt in (measure, heard):
        assert outcome(attempt, damaged) in ("sound", *(reason for reason in Reason if "RECORDING" in reason.name))


def outcome(attempt: Callable[[bytes], object], file: bytes) -> object:
    try:
        assert attempt(file) is not None
    except InvalidArgument as error:
        return error.reason
    return "sound"


WHOLE = {kind: encoded(kind) for kind in ("wav", "flac", "mp3", "ogg-opus", "m4a", "webm")}


@pytest.mark.parametrize(
    ("file", "reason"),
    [(b"", Reason.RECORDING_EMPTY), (bytes(MAX_RECORDING_BYTES + 1), Reason.RECORDING_TOO_LARGE)],
)
async def test_what_no_decoder_need_see_is_refused(speech: Speech, file: bytes, reason: Reason) -> None:
    for attempt in (speech.measure(Recording(file)), anext(aiter(speech.play(Recording(file))))):
        with pytest.raises(InvalidArgument) as caught:
            await attempt
        assert caught.value.reason is reason


async def test_a_rate_out_of_range_is_refused(speech: Speech) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await anext(aiter(speech.play(Recording(wav()), 7999)))
    assert caught.value.field == "sample_rate_hz"


async def test_recordings_count_as_scripts_and_leaving_one_makes_room() -> None:
    speech = LocalSpeech(max_scripts=1)
    recording = Recording(encoded("flac", tone(44_100, 30.0)))
    async with aclosing(speech.play(recording)) as playing:
        await anext(playing)
        with pytest.raises(Unavailable) as caught:
            await speech.measure(recording)
        assert caught.value.reason is Reason.SERVER_BUSY
    assert await speech.measure(recording) == 30_000_000


async def test_cancelling_in_the_middle_leaves_the_service_usable() -> None:
    speech = LocalSpeech(max_scripts=1)
    recording = Recording(encoded("flac", tone(44_100, 30.0)))

    async def read() -> int:
        return sum([chunk.sample_count async for chunk in speech.play(recording)])

    for turns in range(6):
        reader = asyncio.create_task(read())
        for _ in range(turns):
            await asyncio.sleep(0)
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
    assert abs(await read() - 30 * RATE) <= 1
