import re
from pathlib import Path

import pytest

from likeness_common.errors import InvalidArgument, Reason
from likeness_tts.voices.espeak.languages import Languages, usable_languages
from likeness_tts.voices.espeak.library import Espeak, LanguageVoice

pytestmark = pytest.mark.unit

# RFC 5646, without grandfathered tags.
WELL_FORMED = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
)


@pytest.fixture(scope="module")
def installed() -> list[LanguageVoice]:
    espeak = Espeak()
    try:
        return espeak.languages()
    finally:
        espeak.close()


@pytest.fixture(scope="module")
def languages(installed: list[LanguageVoice]) -> Languages:
    return usable_languages(installed)


def test_many_languages_are_listed_with_the_default_first(languages: Languages) -> None:
    assert languages.tags[0] == "en-us"
    assert {"en-us", "en-gb", "de", "fr", "es", "it", "pt-br", "ru", "hi", "cmn", "ja", "ar"} <= set(languages.tags)
    assert len(languages.tags) > 130
    assert len(set(languages.tags)) == len(languages.tags)


def test_every_tag_is_well_formed(languages: Languages) -> None:
    assert [tag for tag in languages.tags if not WELL_FORMED.fullmatch(tag)] == []


def test_languages_without_a_dictionary_are_not_offered(
    installed: list[LanguageVoice], languages: Languages, capfd: pytest.CaptureFixture[str]
) -> None:
    offered = set(languages.identifiers.values())
    missing = [
        voice for voice in installed if voice.identifier not in offered and "latn" not in voice.identifier.lower()
    ]
    assert {voice.identifier for voice in missing} == {"gmq/fo", "trk/kaa", "art/xex"}
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("asked", "file"),
    [
        ("en-us", "gmw/en-US"),
        ("en", "gmw/en-US"),
        ("EN-GB", "gmw/en"),
        ("en_US", "gmw/en-US"),
        (" fr ", "roa/fr"),
        ("de-AT", "gmw/de"),
        ("zh", "sit/cmn"),
        ("zh-Hant-TW", "sit/cmn"),
        ("zh-HK", "sit/yue"),
        ("es-419", "roa/es-419"),
        ("es-AR", "roa/es"),
        ("pt-BR", "roa/pt-BR"),
        ("no", "gmq/nb"),
        ("nn-NO", "gmq/nb"),
        ("iw", "sem/he"),
        ("en-US-nyc", "gmw/en-US"),
        ("en-us-x-nyc", "gmw/en-US-nyc"),
    ],
)
def test_tags_resolve(languages: Languages, asked: str, file: str) -> None:
    assert Path(languages.resolve(asked)) == Path(file)


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [("english", "en-us"), ("german", "de"), ("deu", "de"), ("frr", "fr"), ("Japanese", "ja"), ("spansh", "es")],
)
def test_unknown_languages_are_answered_with_the_nearest(languages: Languages, asked: str, nearest: str) -> None:
    with pytest.raises(InvalidArgument, match="did you mean") as caught:
        languages.resolve(asked)
    assert caught.value.reason is Reason.LANGUAGE_UNKNOWN
    assert caught.value.field == "script.language"
    assert nearest in caught.value.metadata["nearest"].split(",")
    assert nearest in caught.value.message


@pytest.mark.parametrize("asked", ["", "-", "!!", "x" * 10_000, "\x00", "../../etc/passwd", "😀"])
def test_nonsense_is_refused_briefly(languages: Languages, asked: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        languages.resolve(asked)
    assert caught.value.reason is Reason.LANGUAGE_UNKNOWN
    assert len(caught.value.message) < 300
