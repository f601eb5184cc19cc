"""From the script as written to pieces a voice can read, each tied to its place in the script."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from likeness_tts.characters import CJK_CLAUSE_ENDS, CJK_SENTENCE_ENDS, CLAUSE_ENDS, SENTENCE_ENDS
from likeness_tts.sentences import sentences, split_long

MAX_PIECE_CHARACTERS = 200
"""Longest piece: about 13 s of speech. It bounds the wait for first audio, the buffer and the turn of a script."""

_FIRST_SYMBOL_SKIPPED = "\u2190"
"""Symbols below it (%, $, °, ©, ™, №) have names that voices read; arrows, dingbats and emoji from here on do not."""

_JOINERS = "\u200c\u200d"
_ZERO_WIDTH_SPACE = "\u200b"
_STYLED = re.compile("[\U0001d400-\U0001d7ff\uff01-\uff5e]")
"""Mathematical letters and full-width forms: letters in costume, which voices would spell out as code points."""
_AUDIBLE_ENDS = tuple(CLAUSE_ENDS + CJK_CLAUSE_ENDS + SENTENCE_ENDS + CJK_SENTENCE_ENDS)


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, or part of one that is too long to be read in one breath.

    `text` is as written, from the code point `text_start` of the script on. `spoken` is what the voice gets, and
    `offsets[i]` is the place in the script of `spoken[i]`. `ends_sentence` is false before a further part.
    """

    text: str
    text_start: int
    spoken: str
    offsets: tuple[int, ...]
    ends_sentence: bool

    @property
    def text_end(self) -> int:
        """One past the last code point in the script."""
        return self.text_start + len(self.text)

    def written(self, start: int, end: int) -> str:
        """The script from code point `start` to `end`, both inside this piece."""
        return self.text[start - self.text_start : end - self.text_start]

    def script_span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the script of spoken[start:end], which is not empty."""
        return self.offsets[start], self.offsets[end - 1] + 1


def pieces(text: str) -> Iterator[Piece]:
    """Cut a script into sentences, and sentences longer than 200 characters into parts.

    Emoji and other symbols without a spoken form are skipped, and so are stretches without a letter or digit.
    """
    masked = _without_symbols(text)
    for sentence_start, sentence_end in sentences(masked):
        parts = split_long(masked, sentence_start, sentence_end, MAX_PIECE_CHARACTERS)
        spans = [(start, end) for start, end in parts if any(map(str.isalnum, masked[start:end]))]
        for start, end in spans:
            spoken, offsets = _spoken(masked, start, end)
            ends_sentence = end == spans[-1][1]
            if not ends_sentence and not spoken.endswith(_AUDIBLE_ENDS):
                spoken, offsets = spoken + ",", (*offsets, offsets[-1])  # the voice stays up: the sentence goes on
            yield Piece(text[start:end], start, spoken, offsets, ends_sentence)


def _spoken(masked: str, start: int, end: int) -> tuple[str, tuple[int, ...]]:
    """What a voice should see of masked[start:end], and where each character of it comes from."""
    characters = [(_plain(masked[i]), i) for i in range(start, end)]
    kept = [(spoken, offset) for spoken, offset in characters if spoken]
    return "".join(spoken for spoken, _ in kept), tuple(offset for _, offset in kept)


def _without_symbols(text: str) -> str:
    """The text, of the same length, with spaces for what has no spoken form."""
    if text.isascii():
        return text
    return "".join(" " if _is_unspoken(character) else character for character in text)


def _is_unspoken(character: str) -> bool:
    if character < _FIRST_SYMBOL_SKIPPED:
        return False
    # Symbols; modifiers such as skin tones; private, unassigned; variation selectors and enclosing marks.
    return unicodedata.category(character) in {"So", "Sk", "Co", "Cn", "Me"} or "\ufe00" <= character <= "\ufe0f"


def _plain(character: str) -> str:
    """One character as the voice should see it, or nothing for what only matters to layout."""
    if character.isascii():
        return " " if character.isspace() else character
    if character == _ZERO_WIDTH_SPACE:
        return " "
    if unicodedata.category(character) == "Cf" and character not in _JOINERS:
        return ""  # soft hyphens, direction marks: inside a word they would break it
    if character.isdecimal():
        return str(unicodedata.decimal(character))  # voices know the numbers of their language by ASCII digits
    return unicodedata.normalize("NFKC", character) if _STYLED.match(character) else character
