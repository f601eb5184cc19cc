"""Marks: where sentences, words and phonemes lie on the sample clock."""

from dataclasses import dataclass
from enum import Enum


class MarkKind(Enum):
    """What a mark delimits."""

    SENTENCE = "sentence"
    WORD = "word"
    PHONEME = "phoneme"


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of speech: samples [start_sample, end_sample), script characters [text_start, text_end).

    `value` is the word as written, or the phoneme in IPA (empty for silence). Text positions are code points.
    """

    kind: MarkKind
    start_sample: int
    end_sample: int
    text_start: int
    text_end: int
    value: str = ""
