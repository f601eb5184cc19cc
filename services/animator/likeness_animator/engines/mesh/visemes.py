# ruff: noqa: RUF001 - IPA letters look like Latin ones.
"""From IPA symbols to mouth targets.

Vowel targets follow the IPA vowel chart (openness, frontness, rounding), consonant targets the IPA consonant chart
(place of articulation); International Phonetic Association, "Handbook of the IPA", 1999. The amounts were set by eye.
How strongly a sound insists on each target follows the dominance idea of Cohen and Massaro, "Modeling coarticulation in
synthetic visual speech", 1993: lips matter to a p, the jaw to an s, rounding to a w, and hardly anything to an h.
Stressed vowels open further and give way less, after Edwards et al., "JALI", 2016.
"""

import unicodedata
from dataclasses import dataclass, replace

from likeness_animator.engines.mesh.easing import between
from likeness_animator.engines.mesh.pose import MouthPose

PRIMARY_STRESS = "ˈ"
STRESS = "ˈˌ"
LENGTH = {"ː": 1.6, "ˑ": 1.3}
CONSONANT_SHARE = 0.8
"""Of the time that a vowel of the same mark takes."""
LETTERS = ("Ll", "Lu", "Lo")
"""Unicode categories of symbols that stand for sounds; IPA's modifiers are of another one."""

_SPELLINGS = str.maketrans(
    {"ʦ": "ts", "ʣ": "dz", "ʧ": "tʃ", "ʤ": "dʒ", "ʨ": "tɕ", "ʥ": "dʑ", "ɿ": "ɨ", "ʅ": "ɨ"}
    | {"ε": "ɛ", "Φ": "ɸ", "K": "k", "F": "f", "ᵐ": "m", "ⁿ": "n", "ᵑ": "ŋ"}
)
"""Ligatures, sounds before others, and what voices write instead of the IPA's letters."""
_ALONE = {"ʰ": "h", "ʱ": "h", "ʲ": "j", "ʷ": "w"}
"""Modifiers that some voices mark as sounds of their own."""


@dataclass(frozen=True, slots=True)
class Insistence:
    """How strongly a sound asks for its target: jaw, lip opening, lip shape, lower lip tuck, tongue."""

    jaw: float = 1.0
    opening: float = 1.0
    shape: float = 1.0
    tuck: float = 1.0
    tongue: float = 1.0


@dataclass(frozen=True, slots=True)
class Viseme:
    """A mouth target. `closes` marks sounds for which the lips must meet."""

    target: MouthPose
    insistence: Insistence
    closes: bool = False

    def towards(self, other: "Viseme", amount: float) -> "Viseme":
        """A viseme between this one (0) and another (1)."""
        target = between(self.target, other.target, amount)
        return Viseme(target, between(self.insistence, other.insistence, amount), self.closes)


@dataclass(frozen=True, slots=True)
class Articulation:
    """One sound of a phoneme mark. `share` is its part of the mark's duration; all shares of a mark add up to 1."""

    viseme: Viseme
    share: float
    stressed: bool = False
    vowel: bool = False


def _unrounded(openness: float, frontness: float) -> Viseme:
    target = MouthPose(
        jaw=0.12 + 0.75 * openness,
        upper=0.4 + 0.15 * frontness + 0.15 * openness,
        lower=0.23 + 0.65 * openness,
        width=frontness * (0.9 - 0.6 * openness) - 0.4 * openness,
    )
    return Viseme(target, Insistence(jaw=1.7, opening=1.6, shape=0.7 + 0.7 * frontness * (1 - openness)))


def _rounded(openness: float) -> Viseme:
    target = MouthPose(
        jaw=0.15 + 0.6 * openness,
        upper=0.5 + 0.1 * openness,
        lower=0.23 + 0.63 * openness,
        rounding=1.0 - 0.45 * openness,
        width=-1.0 + 0.55 * openness,
        press=-0.9 + 0.6 * openness,
    )
    return Viseme(target, Insistence(jaw=1.7, opening=1.6, shape=2.0))


def _weaker(viseme: Viseme, amount: float) -> Viseme:
    """A reduced vowel: less open, and easily overruled by its neighbours."""
    target = replace(viseme.target, jaw=viseme.target.jaw * amount, lower=viseme.target.lower * amount)
    return Viseme(target, Insistence(jaw=0.7, opening=1.0, shape=0.4))


_OPENNESS = {"close": 0.0, "near-close": 0.18, "mid": 0.38, "open-mid": 0.62, "near-open": 0.8, "open": 1.0}
_UNROUNDED = {
    ("close", 1.0): "i",
    ("close", 0.4): "ɨɯ",
    ("near-close", 0.8): "ɪ",
    ("mid", 0.8): "e",
    ("mid", 0.2): "ɘɤ",
    ("open-mid", 0.6): "ɛ",
    ("open-mid", 0.1): "ɜɝʌ",
    ("near-open", 0.5): "æ",
    ("open", 0.3): "a",
    ("open", 0.0): "ɑ",
}
_ROUNDED = {"close": "uyʉ", "near-close": "ʊʏ", "mid": "oøɵ", "open-mid": "ɔœɞ", "open": "ɒɶ"}

VOWELS = {
    **{letter: _unrounded(_OPENNESS[h], f) for (h, f), letters in _UNROUNDED.items() for letter in letters},
    **{letter: _rounded(_OPENNESS[h]) for h, letters in _ROUNDED.items() for letter in letters},
    **dict.fromkeys("əɚ", _weaker(_unrounded(0.3, 0.2), 0.9)),
    **dict.fromkeys("ᵻ", _weaker(_unrounded(0.15, 0.5), 0.9)),
    **dict.fromkeys("ᵿ", _weaker(_rounded(0.2), 0.9)),
    **dict.fromkeys("ɐ", _weaker(_unrounded(0.6, 0.2), 0.9)),
}

_WEAK = Insistence(jaw=0.35, opening=1.1, shape=0.15, tuck=0.5, tongue=1.0)
_CONSONANTS = {
    "pbmɓʙ": Viseme(MouthPose(jaw=0.1, press=0.5), Insistence(jaw=0.8, opening=1.2, shape=0.1, tuck=2.0), closes=True),
    "ɸβ": Viseme(MouthPose(jaw=0.1, upper=0.05, lower=0.06), Insistence(opening=6.0, shape=0.4)),
    "fvɱʋⱱ": Viseme(
        MouthPose(jaw=0.08, upper=0.5, lower=0.09, tuck=1.0), Insistence(jaw=1.2, opening=6.0, shape=0.25, tuck=5.0)
    ),
    "θð": Viseme(MouthPose(jaw=0.2, upper=0.3, lower=0.38, tongue=1.0), replace(_WEAK, tongue=3.0)),
    "tdnɗʈɖɳ": Viseme(MouthPose(jaw=0.14, upper=0.4, lower=0.26, width=0.1, tongue=0.6), replace(_WEAK, opening=1.3)),
    "szɬɮ": Viseme(MouthPose(jaw=0.04, upper=0.5, lower=0.25, width=0.3), Insistence(jaw=1.6, opening=1.6, shape=0.3)),
    "lɫɭɺ": Viseme(MouthPose(jaw=0.3, upper=0.4, lower=0.44, tongue=0.65), replace(_WEAK, tongue=2.0)),
    "rɾɽ": Viseme(MouthPose(jaw=0.2, upper=0.35, lower=0.3, tongue=0.6), _WEAK),
    "ɹɻ": Viseme(
        MouthPose(jaw=0.2, upper=0.35, lower=0.32, rounding=0.4, width=-0.45, press=-0.5), replace(_WEAK, shape=0.9)
    ),
    "ʃʒɕʑʂʐɧ": Viseme(
        MouthPose(jaw=0.1, upper=0.5, lower=0.32, rounding=0.4, width=-0.5, press=-0.8),
        Insistence(jaw=1.4, opening=1.4, shape=1.6),
    ),
    "jçʝcɟɲʎɥ": Viseme(MouthPose(jaw=0.14, upper=0.45, lower=0.28, width=0.5), replace(_WEAK, shape=0.5)),
    "kgɡŋxɣɰqɢʁχʀɴʛɠ": Viseme(MouthPose(jaw=0.28, upper=0.35, lower=0.34), _WEAK),
    "hɦʔħʕʜʢ": Viseme(MouthPose(jaw=0.3, upper=0.35, lower=0.34), Insistence(0.15, 0.2, 0.05, 0.2, 0.2)),
    "wʍ": Viseme(
        MouthPose(jaw=0.12, upper=0.35, lower=0.16, rounding=1.0, width=-1.0, press=-0.9),
        Insistence(jaw=0.8, opening=2.0, shape=2.4),
    ),
}
CONSONANTS = {letter: viseme for letters, viseme in _CONSONANTS.items() for letter in letters}

REST = Viseme(MouthPose(), Insistence(jaw=0.7, opening=1.5, shape=1.2))
AJAR = Viseme(MouthPose(jaw=0.15, upper=0.3, lower=0.16), Insistence(jaw=0.4, opening=0.8, shape=0.3))
"""The mouth in long and in short pauses."""

UNKNOWN = Viseme(MouthPose(jaw=0.25, upper=0.35, lower=0.3), _WEAK)
"""For symbols outside the tables: a slightly open mouth that leaves the say to its neighbours."""


STRESS_OPENING, STRESS_INSISTENCE = 1.12, 1.25
GLIDES = "iɪyʏuʊɨʉ"
GLIDE_SHARE = 0.65
"""Close vowels beside another one in a mark are the shorter part of a diphthong."""


def _stressed(viseme: Viseme) -> Viseme:
    target, insistence = viseme.target, viseme.insistence
    return Viseme(
        replace(target, jaw=target.jaw * STRESS_OPENING, lower=target.lower * STRESS_OPENING),
        replace(insistence, jaw=insistence.jaw * STRESS_INSISTENCE, opening=insistence.opening * STRESS_INSISTENCE),
    )


_STRESSED = {letter: _stressed(viseme) for letter, viseme in VOWELS.items()}


def spelt(value: str) -> str:
    """A phoneme mark's IPA in the letters of VOWELS and CONSONANTS, with its stress, length and diacritics."""
    symbols = unicodedata.normalize("NFD", value.strip())
    return _ALONE.get(symbols.lstrip(STRESS), symbols).translate(_SPELLINGS)


def articulate(value: str) -> list[Articulation]:
    """Split a phoneme mark's IPA into sounds; silence (an empty value) gives none.

    Handles stress and length marks, diphthongs, affricates, and several sounds in one mark; diacritics, tones and
    unknown letters next to known ones are ignored, and a mark without any known letter is UNKNOWN.
    """
    sounds: list[tuple[str, float]] = []
    symbols = spelt(value)
    for letter in symbols:
        if letter in LENGTH and sounds:
            sounds[-1] = (sounds[-1][0], sounds[-1][1] * LENGTH[letter])
        elif letter in VOWELS:
            sounds.append((letter, 1.0))
        elif letter in CONSONANTS:
            sounds.append((letter, CONSONANT_SHARE))
    stressed = PRIMARY_STRESS in symbols
    sounds = _shorten_glides(sounds)
    if not sounds and any(unicodedata.category(letter) in LETTERS for letter in value):
        return [Articulation(UNKNOWN, 1.0)]
    total = sum(weight for _, weight in sounds)
    return [_articulation(letter, weight / total, stressed) for letter, weight in sounds]


def _shorten_glides(sounds: list[tuple[str, float]]) -> list[tuple[str, float]]:
    full = sum(letter in VOWELS and letter not in GLIDES for letter, _ in sounds)
    if not full:
        return sounds
    return [(letter, weight * GLIDE_SHARE if letter in GLIDES else weight) for letter, weight in sounds]


def _articulation(letter: str, share: float, stressed: bool) -> Articulation:
    if letter in CONSONANTS:
        return Articulation(CONSONANTS[letter], share)
    return Articulation((_STRESSED if stressed else VOWELS)[letter], share, stressed, vowel=True)
