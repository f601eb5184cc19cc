# ruff: noqa: RUF001 - IPA letters look like Latin ones.
"""What the network tells apart: silence, and groups of sounds that look the same.

A class is named after one of its letters. The mouth it stands for is looked up under that letter when the network is
used, so that targets may be tuned without training anew.
"""

from likeness_animator.engines.mesh.visemes import CONSONANTS, VOWELS, Viseme, spelt

_GROUPS = (
    *("pbmɓʙ", "ɸβ", "fvɱʋⱱ", "θð", "tdnɗʈɖɳ", "szɬɮ", "lɫɭɺ", "rɾɽ", "ɹɻ", "ʃʒɕʑʂʐɧ", "jçʝcɟɲʎɥ"),
    *("kgɡŋxɣɰqɢʁχʀɴʛɠ", "hɦʔħʕʜʢ", "wʍ"),
    *("iɨɯ", "ɪᵻ", "eɘɤ", "əɚ", "ɛ", "ɜɝʌɐ", "æ", "aɑ", "uyʉ", "ʊʏᵿ", "oøɵ", "ɔœɞ", "ɒɶ"),
)

CLASSES = ("", *(letters[0] for letters in _GROUPS))
"""Names of the classes, in the order of the network's outputs; the first is silence."""

CLASS_OF = {letter: CLASSES.index(letters[0]) for letters in _GROUPS for letter in letters}
"""The class of an IPA letter."""


def visemes() -> list[Viseme]:
    """Mouth targets of all classes but silence, in order."""
    return [VOWELS[name] if name in VOWELS else CONSONANTS[name] for name in CLASSES[1:]]


def letters_of(value: str) -> str:
    """The letters of a phoneme mark that stand for sounds, as `visemes.articulate` splits it."""
    return "".join(letter for letter in spelt(value) if letter in CLASS_OF)
