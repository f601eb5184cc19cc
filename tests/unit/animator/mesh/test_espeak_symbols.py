"""Whether the mouth knows every sound that the embedded voice has, in every language that it lists."""

import re
import struct
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import espeakng_loader
import pytest

from likeness_animator.engines.mesh.visemes import UNKNOWN, articulate
from likeness_tts.voices.espeak import library
from likeness_tts.voices.espeak.ipa import symbol
from likeness_tts.voices.espeak.languages import usable_languages
from likeness_tts.voices.espeak.library import Espeak, Prosody

pytestmark = pytest.mark.unit

DATA = Path(espeakng_loader.get_data_path())
TEXT_IS_PHONEMES = 0x100
"""Flag of eSpeak NG: what stands in [[ ]] names its phonemes. The voice never sets it for a script."""
NO_SOUNDS = "ˈˌːˑ\u0303"
"""Stress, length and nasality."""


@cache
def phoneme_tables() -> Mapping[str, tuple[str, ...]]:
    """The names of the phonemes that each table of eSpeak NG adds to the one it builds on.

    Its file: the number of tables; then of each the number of phonemes and a name, and 16 bytes for every phoneme.
    """
    content = (DATA / "phontab").read_bytes()
    tables, place = {}, 4
    for _ in range(content[0]):
        count, name = struct.unpack_from("B3x32s", content, place)
        place += 36
        entries = [struct.unpack_from("4s12x", content, place + 16 * index)[0] for index in range(count)]
        place += 16 * count
        tables[_text(name)] = tuple(_text(entry) for entry in entries)
    return tables


def _text(padded: bytes) -> str:
    return padded.partition(b"\0")[0].decode(errors="replace")


def table_of(identifier: str) -> str:
    """The phoneme table of a voice file."""
    content = (DATA / "lang" / identifier).read_text(encoding="utf-8")
    named = re.search(r"^phonemes\s+(\S+)", content, re.MULTILINE) or re.search(r"^language\s+(\S+)", content, re.M)
    assert named, identifier
    return named[1] if named[1] in phoneme_tables() else named[1].partition("-")[0]


def symbols_of(identifier: str, table: str) -> Iterator[str]:
    """The IPA with which a voice file marks the phonemes of a table."""
    espeak = Espeak()
    try:
        espeak.choose(identifier, Prosody(450))
        for phoneme in phoneme_tables()[table]:
            if phoneme and not re.search(r"[][_|' ]", phoneme):
                said = espeak.speak(f"[[{phoneme}]]", threading.Event())
                yield from (symbol(event.name) for event in said.phonemes if not event.name.startswith("("))
    finally:
        espeak.close()


def test_every_phoneme_of_every_language_has_a_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_UTF8", library._UTF8 | TEXT_IS_PHONEMES)
    espeak = Espeak()
    languages = usable_languages(espeak.languages()).identifiers.values()
    espeak.close()
    voices = {table_of(identifier): identifier for identifier in languages}
    # What languages build on belongs to all of them.
    voices |= dict.fromkeys(("base", "base1", "base2", "consonants"), "gmw/en-US")
    found = {value for table, identifier in voices.items() for value in symbols_of(identifier, table)} - {""}
    assert len(found) > 300
    shapes = {value: articulate(value) for value in found}
    assert not [value for value, sounds in shapes.items() if any(sound.viseme is UNKNOWN for sound in sounds)]
    assert all(shapes[value] for value in found if value.strip(NO_SOUNDS))
