# ruff: noqa: RUF001 - IPA letters look like Latin ones.
"""What phonemes ask of the lips, by the IPA's vowel heights and places of articulation.

Kept apart from the tables of any engine, so that an engine's own idea of a sound is not the judge of it.
"""

import unicodedata

BILABIALS = frozenset("pbm")
OPEN_VOWELS = frozenset("ɑaæʌɔɒ")
VOWELS = frozenset("ɑaɒæʌɐɔɛœɜɝeoøəɚɘɤiɪuʊyʏɨʉᵻ")

OPENNESS = {
    **dict.fromkeys("ɑaɒæ", 1.0),
    **dict.fromkeys("ʌɐɔɛœɜɝ", 0.8),
    **dict.fromkeys("eoøəɚɘɤ", 0.6),
    **dict.fromkeys("iɪuʊyʏɨʉᵻ", 0.4),
    **dict.fromkeys("hɦʔ", 0.4),
    **dict.fromkeys("kɡgŋxlɫɹrɾθðj", 0.35),
    **dict.fromkeys("tdnszʃʒʧʤ", 0.3),
    **dict.fromkeys("w", 0.2),
    **dict.fromkeys("fv", 0.1),
    **dict.fromkeys("pbm", 0.0),
}
UNKNOWN_OPENNESS = 0.35
SILENCE_OPENNESS = 0.0


STRESS = "ˈˌ"


def plain(value: str) -> str:
    """A phoneme without the stress of its syllable."""
    return value.lstrip(STRESS)


def openness(value: str) -> list[float]:
    """How far the lips part, 0 to 1, in each of the equally long sounds of a phoneme mark; silence is shut."""
    letters = [letter for letter in unicodedata.normalize("NFD", value) if unicodedata.category(letter) in ("Ll", "Lo")]
    return [OPENNESS.get(letter, UNKNOWN_OPENNESS) for letter in letters] or [SILENCE_OPENNESS]
