"""Languages of eSpeak NG as BCP 47 tags."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import espeakng_loader

from likeness_common.errors import InvalidArgument, Reason
from likeness_tts.voices.espeak.library import LanguageVoice

DEFAULT_LANGUAGE = "en-us"

# Tags of eSpeak NG that BCP 47 does not allow, as it would write them.
_WELL_FORMED = {"en-us-nyc": "en-us-x-nyc", "chr-us-qaaa-x-west": "chr-qaaa-us-x-west"}
# What people write, where dropping subtags does not lead to it.
_ALIASES = {"en": DEFAULT_LANGUAGE, "en-uk": "en-gb", "iw": "he", "in": "id", "zh-hk": "yue", "nn": "nb"}
_NEAREST = 5


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages that can be read: `identifiers` from tag to voice file, `names` from tag to English name."""

    identifiers: Mapping[str, str]
    names: Mapping[str, str]

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag, the default first, the others in order of the alphabet."""
        return tuple(sorted(self.identifiers, key=lambda tag: (tag != DEFAULT_LANGUAGE, tag)))

    def resolve(self, language: str) -> str:
        """The voice file for a tag in any case, also a more specific one: `de-AT` reads as `de`.

        Raises InvalidArgument (LANGUAGE_UNKNOWN) that names the nearest languages.
        """
        tag = language.strip().lower().replace("_", "-")
        while tag:
            for candidate in (_ALIASES.get(tag, ""), tag):
                if candidate in self.identifiers:
                    return self.identifiers[candidate]
            tag = tag.rpartition("-")[0]
        raise self._unknown(language)

    def _unknown(self, language: str) -> InvalidArgument:
        nearest = self._nearest(language.strip().lower())
        hint = f"did you mean {', '.join(nearest)}?" if nearest else "ListVoices names the languages"
        return InvalidArgument(
            Reason.LANGUAGE_UNKNOWN,
            f"script.language {language[:40]!r} is not a language of the voice espeak; {hint}",
            field="script.language",
            metadata={"nearest": ",".join(nearest)},
        )

    def _nearest(self, wanted: str) -> list[str]:
        by_name: dict[str, str] = {}
        for tag in self.tags:
            by_name.setdefault(self.names[tag].partition(" (")[0].lower(), tag)
        similar = [by_name[name] for name in difflib.get_close_matches(wanted, by_name, _NEAREST)]
        close = difflib.get_close_matches(wanted, self.tags, _NEAREST, cutoff=0.5)
        return list(dict.fromkeys(similar + close))[:_NEAREST]


def usable_languages(voices: Sequence[LanguageVoice]) -> Languages:
    """The languages whose dictionary is installed; for a tag of several voice files, the preferred one."""
    data = Path(espeakng_loader.get_data_path())
    candidates = sorted(
        (priority, order, _WELL_FORMED.get(tag.lower(), tag.lower()), voice)
        for order, voice in enumerate(voices)
        for priority, tag in voice.tags
        if _has_dictionary(data, voice.identifier)
    )
    identifiers: dict[str, str] = {}
    names: dict[str, str] = {}
    for _, _, tag, voice in candidates:
        identifiers.setdefault(tag, voice.identifier)
        names.setdefault(tag, voice.name)
    return Languages(identifiers, names)


def _has_dictionary(data: Path, identifier: str) -> bool:
    """Whether the words of a voice file are installed: without them the library stays silent and says nothing."""
    voice_file = data / "lang" / identifier
    named = re.search(r"^dictionary\s+(\S+)", voice_file.read_text(encoding="utf-8"), re.MULTILINE)
    dictionary = named[1] if named else voice_file.name.split("-")[0].lower()
    return (data / f"{dictionary}_dict").is_file()
