from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness_common.media import AudioChunk, Mark, MarkKind
from likeness_tts.audio import CHUNK_MS, Track, resample

pytestmark = pytest.mark.unit

RATES = [8000, 16_000, 24_000, 44_100, 48_000]


@pytest.mark.parametrize("to_hz", RATES)
@pytest.mark.parametrize("place", [200, 11_025, 65_535, 65_536, 70_000])
def test_a_click_lands_where_the_clocks_say(place: int, to_hz: int) -> None:
    pcm = np.zeros(80_000, np.int16)
    pcm[place] = 20_000
    out = resample(pcm, 22_050, to_hz).astype(int)
    assert abs(int(np.argmax(np.abs(out))) - place * to_hz / 22_050) <= 0.5
    assert len(out) == round(len(pcm) * to_hz / 22_050)


@pytest.mark.parametrize("to_hz", RATES)
def test_a_tone_keeps_its_phase_and_level(to_hz: int) -> None:
    seconds, hertz = 1.5, 440.0
    tone = np.rint(10_000 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * 22_050)) / 22_050)).astype(np.int16)
    out = resample(tone, 22_050, to_hz)
    wanted = 10_000 * np.sin(2 * np.pi * hertz * np.arange(len(out)) / to_hz)
    inside = slice(to_hz // 50, -to_hz // 50)
    assert np.max(np.abs(out[inside] - wanted[inside])) < 30


def test_silence_stays_silent_and_full_scale_does_not_wrap() -> None:
    assert not resample(np.zeros(50_000, np.int16), 22_050, 24_000).any()
    square = np.where(np.arange(20_000) // 50 % 2, 32_767, -32_768).astype(np.int16)
    out = resample(square, 22_050, 24_000).astype(int)
    middle = [out[(100 * i + 75) * 24_000 // 22_050] for i in range(10, 100)]
    assert min(middle) > 20_000


def test_the_same_rate_changes_nothing() -> None:
    pcm = np.arange(1000, dtype=np.int16)
    assert np.array_equal(resample(pcm, 22_050, 22_050), pcm)


@given(
    st.sampled_from(RATES),
    st.lists(st.lists(st.integers(1, 3000), min_size=1, max_size=12), min_size=1, max_size=5),
)
def test_chunks_are_exact_and_marks_come_no_later(rate: int, stretches: list[list[int]]) -> None:
    track = Track(rate)
    events = []
    expected = b""
    for lengths in stretches:
        pcm = np.arange(sum(lengths), dtype=np.int16)
        starts = track.position + np.cumsum([0, *lengths])
        marks = [Mark(MarkKind.WORD, int(a), int(b), 0, 1) for a, b in pairwise(starts)]
        events += list(track.add(pcm, marks))
        expected += pcm.astype("<i2").tobytes()
    chunks = [event for event in events if isinstance(event, AudioChunk)]
    assert b"".join(chunk.pcm for chunk in chunks) == expected
    assert [chunk.sequence for chunk in chunks] == list(range(len(chunks)))
    sent = 0
    for event in events:
        if isinstance(event, AudioChunk):
            assert event.start_sample == sent
            assert 0 < event.sample_count <= CHUNK_MS * rate / 1000 + 1
            sent = event.end_sample
        else:
            assert event.start_sample >= sent
    assert sum(isinstance(event, Mark) for event in events) == sum(map(len, stretches))
