# ruff: noqa: RUF001 - IPA letters look like Latin ones.
import math

import pytest

from likeness_animator.engines.mesh.listening.classes import letters_of
from likeness_animator.engines.mesh.visemes import CONSONANTS, UNKNOWN, VOWELS, articulate

pytestmark = pytest.mark.unit

ESPEAK = "əl aɪ oʊ iː ɜː tʃ dʒ ɹ ᵻ ɐ n̩ ɚ oːɹ ɑːɹ ɛɹ ˈʌ ˌɔ θ ð ŋ ɡ j w ʒ x ɲ ʁ y ø œ̃ ʏ ɾ ɫ ʔ kʰ tˤ ɕ i̯ t̪ a5 ʋ ɣ".split()  # noqa: SIM905 - one line reads better


@pytest.mark.parametrize("value", ESPEAK)
def test_every_symbol_has_a_shape(value: str) -> None:
    sounds = articulate(value)
    assert sounds
    assert math.isclose(sum(sound.share for sound in sounds), 1.0)
    assert all(sound.viseme is not UNKNOWN for sound in sounds)


@pytest.mark.parametrize("value", ["", " ", "ˈ", "ː", "ˈˌ", "5", "_:", "\u0303"])
def test_marks_without_letters_are_silence(value: str) -> None:
    assert articulate(value) == []


@pytest.mark.parametrize("value", ["ʘ", "日", "Ω"])
def test_unknown_letters_open_the_mouth_slightly(value: str) -> None:
    assert [sound.viseme for sound in articulate(value)] == [UNKNOWN]


def test_unknown_letters_beside_known_ones_are_ignored() -> None:
    assert [sound.viseme for sound in articulate("日a")] == [VOWELS["a"]]


@pytest.mark.parametrize(
    ("value", "plain"), [("ʧ", "tʃ"), ("ˈε", "ˈɛ"), ("ᵐ", "m"), ("ʲ", "j"), ("ˈʰ", "h"), ("tʰ", "t")]
)
def test_other_spellings_are_understood(value: str, plain: str) -> None:
    assert articulate(value) == articulate(plain)
    assert letters_of(value) == letters_of(plain)


def test_diphthongs_and_affricates_are_two_sounds() -> None:
    assert [sound.viseme for sound in articulate("aɪ")] == [VOWELS["a"], VOWELS["ɪ"]]
    assert [sound.viseme for sound in articulate("tʃ")] == [CONSONANTS["t"], CONSONANTS["ʃ"]]


def test_length_marks_lengthen_the_sound_before_them() -> None:
    long_vowel, consonant = articulate("ɑːɹ")
    short_vowel, _ = articulate("ɑɹ")
    assert long_vowel.share > short_vowel.share
    assert consonant.share < 0.5


def test_only_stressed_vowels_are_stressed() -> None:
    assert [sound.stressed for sound in articulate("ˈtʌ")] == [False, True]
    assert not any(sound.stressed for sound in articulate("ˌʌ"))


def test_shapes_follow_the_vowel_chart() -> None:
    assert VOWELS["a"].target.lower > VOWELS["e"].target.lower > VOWELS["i"].target.lower
    assert VOWELS["i"].target.width > 0.5 > VOWELS["a"].target.width
    assert VOWELS["u"].target.width < -0.5
    assert VOWELS["u"].target.rounding > 0.5 > VOWELS["i"].target.rounding
    assert all(CONSONANTS[letter].closes for letter in "pbm")
    assert CONSONANTS["f"].target.tuck == 1.0


def test_glides_are_the_shorter_part_of_a_diphthong() -> None:
    vowel, glide = articulate("aɪ")
    assert vowel.share > glide.share
    onset, nucleus = articulate("iɛ")
    assert nucleus.share > onset.share


def test_stress_opens_vowels_further() -> None:
    plain, stressed = articulate("a")[0].viseme, articulate("ˈa")[0].viseme
    assert stressed.target.lower > plain.target.lower
    assert stressed.insistence.opening > plain.insistence.opening


@pytest.mark.parametrize("letter", [*VOWELS, *CONSONANTS])
def test_every_letter_asks_for_a_possible_mouth(letter: str) -> None:
    target = (VOWELS | CONSONANTS)[letter].target
    assert all(0 <= amount <= 1 for amount in (target.jaw, target.upper, target.lower, target.rounding, target.tuck))
    assert all(-1 <= amount <= 1 for amount in (target.width, target.press))
