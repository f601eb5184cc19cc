import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.stages.speech import MAX_SCRIPT_CHARACTERS, Script
from likeness_common.validation.script import check_script, check_text

pytestmark = pytest.mark.unit

ALLOWED_CONTROLS = "\n\r\t"
FORBIDDEN = [chr(c) for c in (*range(0x20), *range(0x7F, 0xA0), 0xD800, 0xDFFF) if chr(c) not in ALLOWED_CONTROLS]


def refusal(text: str) -> InvalidArgument:
    with pytest.raises(InvalidArgument) as caught:
        check_text(text)
    return caught.value


@pytest.mark.parametrize("text", ["", " ", "\n\t\r ", "\u2003\u3000", "\x1c"])
def test_blank_text_is_empty(text: str) -> None:
    error = refusal(text)
    assert error.reason is Reason.SCRIPT_EMPTY
    assert error.field == "script.text"


def test_the_limit_counts_code_points() -> None:
    check_text("\U0001d4b3" * MAX_SCRIPT_CHARACTERS)
    error = refusal("a" * (MAX_SCRIPT_CHARACTERS + 1))
    assert error.reason is Reason.SCRIPT_TOO_LONG
    assert "20001" in error.message
    assert "20000" in error.message
    assert error.metadata == {"length": "20001", "limit": "20000"}


def test_a_megabyte_is_too_long_before_anything_else() -> None:
    assert refusal("\x00" * 1_000_000).reason is Reason.SCRIPT_TOO_LONG


@given(st.sampled_from(FORBIDDEN), st.text("ab 😀", max_size=20))
def test_control_characters_are_named_with_their_place(character: str, before: str) -> None:
    error = refusal(f"x{before}{character}tail")
    assert error.reason is Reason.SCRIPT_INVALID_CHARACTER
    assert error.metadata == {"code_point": f"U+{ord(character):04X}", "position": str(len(before) + 1)}
    assert f"U+{ord(character):04X} at position {len(before) + 1}" in error.message
    error.message.encode()


@pytest.mark.parametrize("text", ["😀", "🎉🎊 👍🏽", "!!! ... ?", "—", "\u200b\u200d", "❤️"])
def test_text_without_letters_or_digits_cannot_be_spoken(text: str) -> None:
    assert refusal(text).reason is Reason.SCRIPT_NOT_SPEAKABLE


@pytest.mark.parametrize("text", ["a", "7", "٣", "漢", "1️⃣", "tab\tand\r\nline", "I ❤️ it 😀", "½", "½ & 🎉"])
def test_speakable_text_passes(text: str) -> None:
    check_text(text)


def outcome(text: str) -> InvalidArgument | None:
    try:
        check_text(text)
    except InvalidArgument as error:
        return error
    return None


@given(st.text(max_size=200))
def test_any_text_passes_or_is_refused_with_one_of_our_reasons(text: str) -> None:
    error = outcome(text)
    if error:
        assert error.reason.name.startswith("SCRIPT_")
        assert error.field == "script.text"
    else:
        assert any(character.isalnum() for character in text)
        assert not set(text) & set(FORBIDDEN)


@given(st.floats(0.5, 2.0), st.floats(-12, 12), st.integers(0, 5000))
def test_numbers_in_range_pass(rate: float, pitch: float, pause: int) -> None:
    check_script(Script("a", rate=rate, pitch_semitones=pitch, sentence_pause_ms=pause))


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("rate", [0.0, 0.49, 2.01, -1.0, float("nan"), float("inf")]),
        ("pitch_semitones", [-12.1, 12.1, float("nan"), float("-inf")]),
        ("sentence_pause_ms", [-1, 5001]),
    ],
)
def test_numbers_out_of_range_are_refused_with_the_range(field: str, values: list[float]) -> None:
    for value in values:
        with pytest.raises(InvalidArgument, match="it has to be from") as caught:
            check_script(Script("a", **{field: value}))  # type: ignore[arg-type]  # the names are of numeric fields
        assert caught.value.reason is Reason.FIELD_OUT_OF_RANGE
        assert caught.value.field == f"script.{field}"
