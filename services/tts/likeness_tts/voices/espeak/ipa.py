"""Phoneme names of eSpeak NG as IPA."""

import re
import unicodedata

from likeness_tts.characters import STRESS

# Some languages leave phonemes in the library's own ASCII notation.
_ASCII = {
    **{"A": "ɑ", "N": "ŋ", "S": "ʃ", "X": "χ", "Z": "ʒ", ":": "ː"},  # noqa: RUF001 - IPA
    **{"s.": "ʂ", "r.": "ɽ", "i.": "ɨ", "o-": "ɤ", "l-": "ɫ", 'u"': "ʉ", "n^": "ɲ", "k^": "c"},
    **{"t[": "t\u032a", "d[": "d\u032a", "m#": "m\u0325", "n#": "n\u0325", "r#": "r\u0325", "l#": "l\u0325"},
}
_NOTATION = re.compile("|".join(map(re.escape, sorted(_ASCII, key=len, reverse=True))))


def symbol(name: str) -> str:
    """The IPA of a phoneme, with its stress but without tone; empty for a pause."""
    spelt = _NOTATION.sub(lambda found: _ASCII[found[0]], name)
    # Stress marks are letters to Unicode, too, but stand for no sound alone.
    letters = "".join(character for character in spelt if unicodedata.category(character)[0] in "LM")
    return letters if letters.strip(STRESS) else ""
