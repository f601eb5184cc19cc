"""Where sentences end. When in doubt they go on: a missed end costs a shorter pause, a false one breaks a phrase."""

import re
from collections.abc import Iterator

from likeness_tts.characters import (
    CJK_CLAUSE_ENDS,
    CJK_SENTENCE_ENDS,
    CLAUSE_ENDS,
    CLOSERS,
    DASHES,
    OPENERS,
    SENTENCE_ENDS,
)

Span = tuple[int, int]

_END = re.compile(rf"[{SENTENCE_ENDS}{CJK_SENTENCE_ENDS}]+[{re.escape(CLOSERS)}]*")
_PARAGRAPH = re.compile(rf"\n(?=[^\S\n]*(?:\n|[-*•{DASHES}]\s|\d{{1,2}}[.)]\s))|[\u2028\u2029]")
_WORD_BEFORE_STOP = 24
_LOOK_AHEAD = 64

# Never the last word of a sentence.
_TITLES = "mr mrs ms mx dr prof st rev fr sr jr hon gen col capt lt sgt gov sen rep hr hrn mme mlle mgr sra srta dott"
_SHORT_FORMS = "vs approx dept est ed eds cf viz bzw ca evtl ggf inkl sog vgl bspw ste ud uds pág sig ing avv"
_ABBREVIATIONS = frozenset(f"{_TITLES} {_SHORT_FORMS}".split())
# Not the last word of a sentence when a number follows.
_NUMBERED = "no nr nos fig figs p pp vol vols ch art sec eq tab abb kap bd str tel núm n"
_BEFORE_NUMBERS = frozenset(_NUMBERED.split())
_DOTTED = re.compile(r"(?:\w\.)+\w")

_CLAUSE_CUT = re.compile(rf"[{CLAUSE_ENDS}](?=\s)|[{CJK_CLAUSE_ENDS}]")
_SPACE_CUT = re.compile(r"(?=\s)")


def sentences(text: str) -> Iterator[Span]:
    """Places of the sentences of `text`, in order, without the space around them.

    A sentence ends with . ! ? … or the like, at a blank line, and before a list item; a single line break is a space.
    """
    start = 0
    for boundary in _PARAGRAPH.finditer(text):
        yield from _in_paragraph(text, start, boundary.start())
        start = boundary.end()
    yield from _in_paragraph(text, start, len(text))


def _in_paragraph(text: str, start: int, end: int) -> Iterator[Span]:
    sentence = start
    for stop in _END.finditer(text, start, end):
        if _ends_sentence(text, sentence, stop, end):
            yield from _trimmed(text, sentence, stop.end())
            sentence = stop.end()
    yield from _trimmed(text, sentence, end)


def _ends_sentence(text: str, sentence: int, stop: re.Match[str], end: int) -> bool:
    if stop[0][0] in CJK_SENTENCE_ENDS or stop.end() == end:
        return True
    if not text[stop.end()].isspace():
        return False  # 3.14, example.com, U.S.A
    following = text[stop.end() : min(end, stop.end() + _LOOK_AHEAD)].lstrip().lstrip(OPENERS)
    if following[:1].islower():
        return False  # "Really?" he asked
    return stop[0][0] != "." or stop[0].startswith("..") or not _is_abbreviation(text, sentence, stop, following)


def _is_abbreviation(text: str, sentence: int, stop: re.Match[str], following: str) -> bool:
    before = text[max(sentence, stop.start() - _WORD_BEFORE_STOP) : stop.start()]
    words = before.split()
    if not words or before[-1].isspace():
        return False
    word = words[-1].lstrip(OPENERS)
    if word.isdigit():
        return len(word) <= 2 and text[sentence : stop.start()].strip() == word  # 1. First item
    if word.lower() in _BEFORE_NUMBERS and following[:1].isdigit():
        return True
    is_initial = len(word) == 1 and word.isupper() and word != "I"
    return word.lower() in _ABBREVIATIONS or is_initial or _DOTTED.fullmatch(word) is not None


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    body = text[start:end]
    left, right = len(body) - len(body.lstrip()), len(body) - len(body.rstrip())
    if left < len(body):
        yield start + left, end - right


def split_long(text: str, start: int, end: int, limit: int) -> Iterator[Span]:
    """Cut text[start:end] into parts of at most `limit` characters, of similar length.

    Prefers the end of a clause, then a space; a stretch without either is cut between characters.
    """
    while end - start > limit:
        parts = -(-(end - start) // limit)
        cut = _best_cut(text, start, start + limit, start + (end - start) // parts)
        yield from _trimmed(text, start, cut)
        start = cut
    yield from _trimmed(text, start, end)


def _best_cut(text: str, start: int, latest: int, target: int) -> int:
    earliest = start + max(1, (latest - start) // 4)
    for pattern in (_CLAUSE_CUT, _SPACE_CUT):
        cuts = [match.end() for match in pattern.finditer(text, earliest, latest)]
        if cuts:
            return min(cuts, key=lambda cut: abs(cut - target))
    return target
