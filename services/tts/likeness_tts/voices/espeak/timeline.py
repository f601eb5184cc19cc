"""From the events of eSpeak NG to marks that tile the audio."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from likeness_common.media import Mark, MarkKind
from likeness_tts.characters import (
    CJK_CLAUSE_ENDS,
    CJK_SENTENCE_ENDS,
    CLAUSE_ENDS,
    CLOSERS,
    OPENERS,
    SENTENCE_ENDS,
    STOP_CONSONANTS,
)
from likeness_tts.text import Piece
from likeness_tts.voices.espeak.ipa import symbol
from likeness_tts.voices.espeak.library import NATIVE_SAMPLE_RATE_HZ, Utterance, WordEvent

_STOPS = tuple(STOP_CONSONANTS)
_LANGUAGE_CHANGE = "("
_LONGEST_CLOSURE = 60 * NATIVE_SAMPLE_RATE_HZ // 1000

_WRITTEN_WORD = re.compile(r"\S+")
_AROUND_WORDS = f"{OPENERS}{CLOSERS}{SENTENCE_ENDS}{CJK_SENTENCE_ENDS}{CLAUSE_ENDS}{CJK_CLAUSE_ENDS}<>"
# Scripts without spaces between words.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")


class Onset(NamedTuple):
    """A phoneme (a pause when empty) begins to sound at `sample`."""

    sample: int
    ipa: str


@dataclass(frozen=True, slots=True)
class Sound:
    """Samples [start, end) of an utterance: a phoneme in IPA, or silence when empty; part of `word`, -1 of none."""

    start: int
    end: int
    ipa: str
    word: int


def marks(piece: Piece, utterance: Utterance, clock: Callable[[int], int]) -> list[Mark]:
    """Sentence, word and phoneme marks of a piece, in order of their start; the phoneme marks tile the audio.

    `clock` takes a sample of the utterance to the sample clock of the render.
    """
    spans = [_word_span(piece, word) for word in utterance.words]
    sounds = list(_sounds(utterance))
    found = [Mark(MarkKind.SENTENCE, clock(0), clock(len(utterance.pcm)), piece.text_start, piece.text_end)]
    found += _word_marks(piece, sounds, spans, clock)
    found += _phoneme_marks(piece, sounds, spans, clock)
    return sorted(found, key=lambda mark: mark.start_sample)


def _sounds(utterance: Utterance) -> Iterator[Sound]:
    """Tile the utterance: every sample belongs to one phoneme or silence."""
    total = len(utterance.pcm)
    word_starts = [word.sample for word in utterance.words]
    onsets = _onsets(utterance)
    starts = [_start_with_closure(utterance.pcm, before, onset) for before, onset in pairwise(onsets)]
    bounds = [0, *starts, total]
    for onset, (start, end) in zip(onsets, pairwise(bounds), strict=True):
        word = bisect_right(word_starts, onset.sample) - 1
        if end > start:
            yield Sound(start, end, onset.ipa, word if onset.ipa else -1)


def _onsets(utterance: Utterance) -> list[Onset]:
    """Where phonemes and pauses that last begin to sound, after the silence at the start."""
    named = [Onset(e.sample, symbol(e.name)) for e in utterance.phonemes if not e.name.startswith(_LANGUAGE_CHANGE)]
    ends = [*(onset.sample for onset in named), len(utterance.pcm)][1:]
    lasting = [
        onset
        for onset, end in zip(named, ends, strict=True)
        if end > onset.sample and (onset.ipa or _is_silent(utterance.pcm[onset.sample : end]))
    ]
    return [Onset(0, ""), *lasting]


def _is_silent(pcm: NDArray[np.int16]) -> bool:
    """Whether a nameless phoneme is a pause: the others are glides, which belong to the vowel before."""
    return 2 * int(np.count_nonzero(pcm)) < len(pcm)


def _start_with_closure(pcm: NDArray[np.int16], before: Onset, onset: Onset) -> int:
    """Where a phoneme starts. A stop starts with its closure: the digital silence before the burst, its onset."""
    if not onset.ipa.startswith(_STOPS):
        return onset.sample
    earliest = max(before.sample, onset.sample - _LONGEST_CLOSURE)
    loud = np.flatnonzero(pcm[earliest : onset.sample])
    return earliest + int(loud[-1]) + 1 if len(loud) else earliest


def _phoneme_marks(
    piece: Piece, sounds: Sequence[Sound], spans: Sequence[tuple[int, int]], clock: Callable[[int], int]
) -> Iterator[Mark]:
    place = (piece.text_start, piece.text_start)
    for is_silence, group in groupby(sounds, key=lambda sound: not sound.ipa):
        run = list(group)
        if is_silence:
            run = [Sound(run[0].start, run[-1].end, "", -1)]
        for sound in run:
            place = spans[sound.word] if sound.word >= 0 else (place[1], place[1])
            yield Mark(MarkKind.PHONEME, clock(sound.start), clock(sound.end), *place, sound.ipa)


def _word_marks(
    piece: Piece, sounds: Sequence[Sound], spans: Sequence[tuple[int, int]], clock: Callable[[int], int]
) -> Iterator[Mark]:
    """Words as written: `don't` and `$5.50` are one each, however many the library reads."""
    spoken = [sound for sound in sounds if sound.word >= 0]
    for (start, end), group in groupby(spoken, key=lambda sound: spans[sound.word]):
        run = list(group)
        yield Mark(MarkKind.WORD, clock(run[0].start), clock(run[-1].end), start, end, piece.written(start, end))


def _word_span(piece: Piece, event: WordEvent) -> tuple[int, int]:
    """The place in the script of the written word that an event points into."""
    text = piece.spoken
    position = max(0, min(event.position, len(text) - 1))
    while position and text[position] == " ":
        position -= 1  # a further word for the symbol before, as in "a half" for ½
    if _UNSPACED.match(text, position):
        return piece.script_span(position, min(len(text), position + max(1, event.length)))
    start = text.rfind(" ", 0, position + 1) + 1
    found = _WRITTEN_WORD.search(text, start) or _WRITTEN_WORD.search(text)
    if found is None:
        return piece.text_start, piece.text_start
    body = found[0].strip(_AROUND_WORDS) or found[0]
    start = found.start() + found[0].index(body)
    return piece.script_span(start, start + len(body))
