# ruff: noqa: RUF001 - the characters that look alike are the ones meant
import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness_tts.text import MAX_PIECE_CHARACTERS, pieces

pytestmark = pytest.mark.unit


def spoken(text: str) -> list[str]:
    return [" ".join(piece.spoken.split()) for piece in pieces(text)]


def test_emoji_and_symbols_without_a_name_are_skipped() -> None:
    assert spoken("I ❤️ you 😀👍🏽! It is 20°C™ ➜ ok. 🎉🎉 ☃") == ["I you !", "It is 20°C™ ok."]


def test_letters_in_costume_are_read_as_letters() -> None:
    assert spoken("𝐇𝑒𝓁𝕝𝔬 ｗｏｒｌｄ！") == ["Hello world!"]


def test_digits_of_any_script_are_read_as_numbers() -> None:
    assert spoken("٣٤ ३४ ３４ 34") == ["34 34 34 34"]


def test_layout_characters_do_not_break_words() -> None:
    assert spoken("\ufeffsoft\u00adhyphen \u202eleft\u2069 zero\u200bwidth می\u200cخواهم") == [
        "softhyphen left zero width می\u200cخواهم"
    ]


def test_line_breaks_and_tabs_are_spaces() -> None:
    assert [piece.spoken for piece in pieces("a\tb\nc\r\nd")] == ["a b c  d"]


def test_stretches_without_letters_or_digits_are_left_out() -> None:
    found = list(pieces("Yes. 😀. ... !!! No."))
    assert [piece.text for piece in found] == ["Yes.", "No."]


def test_parts_of_a_long_sentence_keep_the_voice_up_but_the_last() -> None:
    text = "word " * 100 + "end. Next."
    found = list(pieces(text))
    assert [piece.ends_sentence for piece in found] == [False, False, True, True]
    assert [piece.spoken[-1] for piece in found] == [",", ",", ".", "."]
    assert all(len(piece.text) <= MAX_PIECE_CHARACTERS for piece in found)


def test_a_sentence_ends_with_its_last_part_that_is_spoken() -> None:
    text = "word " * 39 + "😀 " * 200
    assert [piece.ends_sentence for piece in pieces(text)] == [True]


@given(st.text(max_size=600) | st.text(st.sampled_from("ab .,!?\n😀𝒳é漢。1\u00ad\u200b"), max_size=900))
def test_pieces_know_their_place_in_the_script(text: str) -> None:
    end = 0
    for piece in pieces(text):
        assert end <= piece.text_start < piece.text_end
        end = piece.text_end
        assert piece.text == text[piece.text_start : piece.text_end]
        assert 0 < len(piece.text) <= MAX_PIECE_CHARACTERS
        assert len(piece.spoken) == len(piece.offsets)
        assert all(piece.text_start <= offset < piece.text_end for offset in piece.offsets)
        assert list(piece.offsets) == sorted(piece.offsets)
        for index, character in enumerate(piece.spoken):
            start, stop = piece.script_span(index, index + 1)
            assert stop == start + 1
            if text[start].isascii() and character.isalnum():
                assert piece.written(start, stop) == character
    assert all(not character.isalnum() or character in text[:end] for character in text if character.isascii())
