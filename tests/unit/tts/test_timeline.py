# ruff: noqa: RUF001 - the characters that look alike are the ones meant
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness_common.media import Mark, MarkKind
from likeness_tts.text import Piece, pieces
from likeness_tts.voices.espeak.ipa import symbol
from likeness_tts.voices.espeak.library import PhonemeEvent, Utterance, WordEvent
from likeness_tts.voices.espeak.timeline import marks

pytestmark = pytest.mark.unit

SILENT, LOUD = 0, 1000


def utterance(stretches: list[tuple[str, int, int]], words: list[tuple[int, int, int]], lead: int = 0) -> Utterance:
    """Stretches are (phoneme, samples, level); words are (sample, position, length)."""
    lengths = [lead, *(samples for _, samples, _ in stretches)]
    levels = [SILENT, *(level for _, _, level in stretches)]
    starts = np.cumsum(lengths)[:-1]
    names = zip(starts, (name for name, _, _ in stretches), strict=True)
    return Utterance(
        np.repeat(np.array(levels, np.int16), lengths),
        tuple(WordEvent(*word) for word in words),
        tuple(PhonemeEvent(int(start), name) for start, name in names),
    )


def piece(text: str) -> Piece:
    return next(pieces(text))


def phonemes(found: list[Mark]) -> list[tuple[str, int, int]]:
    return [(m.value, m.start_sample, m.end_sample) for m in found if m.kind is MarkKind.PHONEME]


def words(found: list[Mark]) -> list[tuple[str, int, int]]:
    return [(m.value, m.start_sample, m.end_sample) for m in found if m.kind is MarkKind.WORD]


def identity(sample: int) -> int:
    return sample


def test_a_phoneme_ends_where_the_next_begins() -> None:
    spoken = utterance([("h", 100, LOUD), ("ˈaɪ", 300, LOUD), ("", 50, SILENT)], [(0, 0, 2)], lead=20)
    found = marks(piece("Hi"), spoken, identity)
    assert phonemes(found) == [("", 0, 20), ("h", 20, 120), ("ˈaɪ", 120, 420), ("", 420, 470)]
    assert words(found) == [("Hi", 20, 420)]
    assert found[0] == Mark(MarkKind.SENTENCE, 0, 470, 0, 2)


def test_a_stop_begins_with_its_closure() -> None:
    pcm = np.repeat(np.array([LOUD, SILENT, LOUD, LOUD], np.int16), [400, 800, 200, 100])
    events = (PhonemeEvent(0, "æ"), PhonemeEvent(1200, "p"), PhonemeEvent(1400, "t"))
    found = marks(piece("apt"), Utterance(pcm, (WordEvent(0, 0, 3),), events), identity)
    assert phonemes(found) == [("æ", 0, 400), ("p", 400, 1400), ("t", 1400, 1500)]


def test_a_closure_in_a_long_pause_is_at_most_60_ms() -> None:
    found = marks(piece("a, b"), utterance([("a", 100, LOUD), ("", 9000, SILENT), ("b", 90, LOUD)], []), identity)
    assert phonemes(found) == [("a", 0, 100), ("", 100, 9100 - 1323), ("b", 9100 - 1323, 9190)]


def test_only_stops_have_a_closure() -> None:
    found = marks(piece("a, s"), utterance([("a", 100, LOUD), ("", 900, SILENT), ("s", 90, LOUD)], []), identity)
    assert phonemes(found) == [("a", 0, 100), ("", 100, 1000), ("s", 1000, 1090)]


def test_a_nameless_glide_belongs_to_the_vowel_before() -> None:
    found = marks(piece("Ian"), utterance([("iː", 100, LOUD), ("", 40, LOUD), ("ə", 90, LOUD)], []), identity)
    assert phonemes(found) == [("iː", 0, 140), ("ə", 140, 230)]


def test_changes_of_language_and_empty_stretches_leave_no_mark() -> None:
    found = marks(
        piece("x"),
        utterance([("(ru)", 0, 0), ("a", 100, LOUD), ("b", 0, 0), ("(en)", 0, 0), ("o", 50, LOUD)], []),
        identity,
    )
    assert phonemes(found) == [("a", 0, 100), ("o", 100, 150)]


def test_pauses_in_a_row_are_one_silence() -> None:
    found = marks(piece("x"), utterance([("a", 10, LOUD), ("", 20, SILENT), ("", 30, SILENT)], []), identity)
    assert phonemes(found) == [("a", 0, 10), ("", 10, 60)]


@pytest.mark.parametrize(
    ("text", "events", "written"),
    [
        ("It's $5.50, don't!", [(0, 0, 2), (20, 5, 1), (40, 6, 4), (60, 12, 3)], ["It's", "$5.50", "don't"]),
        ("e-mail “me”", [(0, 0, 1), (20, 2, 4), (40, 7, 0)], ["e-mail", "me"]),
        ("½ cup", [(0, 0, 1), (20, 1, 1), (40, 2, 3)], ["½", "cup"]),
        ("no no", [(0, 0, 2), (20, 3, 2)], ["no", "no"]),
        ("C++ #1 -- x", [(0, 0, 1), (20, 1, 2), (40, 4, 1), (60, 7, 2)], ["C++", "#1", "--"]),
        ("你好", [(0, 0, 1), (20, 1, 1)], ["你", "好"]),
        ("beyond", [(0, 99, 4)], ["beyond"]),
    ],
)
def test_words_are_as_written(text: str, events: list[tuple[int, int, int]], written: list[str]) -> None:
    spoken = utterance([("a", 20, LOUD)] * 4, events)
    found = marks(piece(text), spoken, identity)
    assert [value for value, _, _ in words(found)] == written


def test_places_are_those_of_the_whole_script() -> None:
    text = "😀 First! 𝒳 soft\u00adly 😀 end"
    second = list(pieces(text))[1]
    position = second.spoken.index("softly")
    found = marks(second, utterance([("s", 20, LOUD)], [(0, position, 6)]), identity)
    word = next(mark for mark in found if mark.kind is MarkKind.WORD)
    assert text[word.text_start : word.text_end] == word.value == "soft\u00adly"


stretch = st.tuples(
    st.sampled_from(["a", "p", "tʃ", "s", "", "(en)", "ˈoʊ"]), st.integers(0, 3000), st.sampled_from([SILENT, LOUD])
)


@given(st.lists(stretch, min_size=1, max_size=12), st.lists(st.integers(0, 9000), max_size=6), st.integers(0, 50))
def test_phonemes_always_tile_the_audio(
    stretches: list[tuple[str, int, int]], word_starts: list[int], lead: int
) -> None:
    events = [(sample, 4 * index, 3) for index, sample in enumerate(sorted(word_starts))]
    spoken = utterance(stretches, events, lead)
    found = marks(piece("one two six ten red big"), spoken, identity)
    bounds = [0, *(end for _, _, end in phonemes(found))]
    assert [start for _, start, _ in phonemes(found)] == bounds[:-1]
    assert bounds[-1] == len(spoken.pcm)
    spans = [(start, end) for _, start, end in words(found)]
    assert spans == sorted(spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize(
    ("name", "ipa"),
    [
        ("ˈoʊ", "ˈoʊ"),
        ("ˌɔːɹ", "ˌɔːɹ"),
        ("", ""),
        ("ˈ", ""),
        ("s.", "ʂ"),
        ("ts.h", "tʂh"),
        ("tS", "tʃ"),
        ("i:", "iː"),
        ("k`", "k"),
        ("1", ""),
        ("n#", "n\u0325"),
        ("ə", "ə"),
    ],
)
def test_names_become_ipa(name: str, ipa: str) -> None:
    assert symbol(name) == ipa
