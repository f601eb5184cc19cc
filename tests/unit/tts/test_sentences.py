# ruff: noqa: RUF001 - the characters that look alike are the ones meant
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness_tts.sentences import sentences, split_long

pytestmark = pytest.mark.unit


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["One.", "Two!", "Three?", "Four"],
        ["Dr. Smith met Mrs. Jones vs. the Rev. Brown.", "They spoke."],
        ["It costs 3.14 or $5.50, see example.com for more.", "Really."],
        ["Well... maybe.", "Wait...", "What?!", "No way!!"],
        ['"Really?" he asked.', '"Yes!"', "She left."],
        ["She said “Stop.”", "Then she left."],
        ["See Fig. 3 and No. 5 on p. 12.", "No.", "That is all."],
        ["J. R. R. Tolkien wrote it.", "So do I.", "And you."],
        ["The U.S. Army came at 5 p.m. to Washington D.C. for it, e.g. Monday.", "Done."],
        ["A hard-wrapped line\ngoes on here.", "Next."],
        ["A title", "A paragraph.", "Another"],
        ["今天天气很好。", "我们去公园吧！", "好吗？", "好"],
        ["「こんにちは。」", "と言った。"],
        ["यह अच्छा है।", "हाँ।"],
        ["Das ist z.B. gut bzw. besser.", "Und Hr. Müller kam."],
        ["M. Dupont et Mme. Durand.", "Oui."],
        ["Version 2.0.1 is out.", "Get it."],
        ["I am fine…", "Are you?"],
        ["Ends with a number 42.", "Then more."],
    ],
)
def test_known_sentences(parts: list[str]) -> None:
    separator = "\n\n" if "A title" in parts else " "
    assert split(separator.join(parts)) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Buy:\n- milk\n- bread", ["Buy:", "- milk", "- bread"]),
        ("1. First item\n2. Second item", ["1. First item", "2. Second item"]),
        ("one\r\n\r\ntwo\n \t \nthree", ["one", "two", "three"]),
        ("one\u2029two\u2028three", ["one", "two", "three"]),
        ("...", ["..."]),
        (". . .", [".", ".", "."]),
        ("  padded.  Twice.  ", ["padded.", "Twice."]),
        ("", []),
        (" \n\n ", []),
        ("今天。明天。", ["今天。", "明天。"]),
    ],
)
def test_layout(text: str, parts: list[str]) -> None:
    assert split(text) == parts


texts = st.text(st.sampled_from("ab AI.!?…。,;: \n\"'”)1😀é-"), max_size=300)


@given(texts)
def test_sentences_are_ordered_trimmed_and_lose_nothing_but_space(text: str) -> None:
    spans = list(sentences(text))
    kept = [text[start:end] for start, end in spans]
    assert all(part and part == part.strip() for part in kept)
    assert spans == sorted(spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert "".join("".join(kept).split()) == "".join(text.split())


@given(texts, st.integers(1, 40))
def test_parts_are_bounded_and_lose_nothing_but_space(text: str, limit: int) -> None:
    spans = list(split_long(text, 0, len(text), limit))
    kept = [text[start:end] for start, end in spans]
    assert all(0 < len(part) <= limit for part in kept)
    assert "".join("".join(kept).split()) == "".join(text.split())


def test_long_sentences_are_cut_at_clauses_then_at_spaces_then_anywhere() -> None:
    clauses = "the first clause is this one, the second clause is that one, and the third"
    assert [clauses[a:b] for a, b in split_long(clauses, 0, len(clauses), 40)] == [
        "the first clause is this one,",
        "the second clause is that one,",
        "and the third",
    ]
    words = "word " * 30
    assert all(words[a:b].split() == ["word"] * len(words[a:b].split()) for a, b in split_long(words, 0, 150, 40))
    assert [b - a for a, b in split_long("x" * 90, 0, 90, 40)] == [30, 30, 30]


def test_long_texts_take_linear_time() -> None:
    for unit in ("a. ", "\n ", " ", "1. ", '"', ".", "。", "a", "- \n"):
        text = unit * (20_000 // len(unit))
        for start, end in sentences(text):
            list(split_long(text, start, end, 200))
