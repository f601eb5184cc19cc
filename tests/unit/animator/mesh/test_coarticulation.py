# ruff: noqa: RUF001 - IPA letters look like Latin ones.
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from likeness_animator.engines.mesh.coarticulation import LIPS_PER_S, REACH_AHEAD_S, WINDOWS_S, Sound, mouth_at
from likeness_animator.engines.mesh.pose import MouthPose
from likeness_animator.engines.mesh.visemes import CONSONANTS, VOWELS, articulate

pytestmark = pytest.mark.unit

QUICK = settings(deadline=None, max_examples=25)
LETTERS = ["", *VOWELS, *CONSONANTS]
SPEECH = st.lists(st.tuples(st.sampled_from(LETTERS), st.integers(15, 300)), min_size=1, max_size=12)


def sounds_of(*phonemes: tuple[str, int]) -> list[Sound]:
    """Sounds from (IPA, milliseconds) pairs; an empty symbol is a pause."""
    position, sounds = 0.0, []
    for value, length_ms in phonemes:
        start = position
        for part in articulate(value):
            end = start + part.share * length_ms / 1000
            sounds.append(Sound(start, end, part.viseme))
            start = end
        position += length_ms / 1000
    return sounds


def near(first: MouthPose, second: MouthPose) -> bool:
    return np.allclose(astuple(first), astuple(second), atol=1e-9)


@QUICK
@given(
    st.sampled_from("pbm"),
    st.integers(10, 200),
    st.integers(10, 60),
    st.floats(0, 1),
    st.sampled_from(["a", "ɔ", "s", "f", "u"]),
)
def test_some_frame_shows_every_bilabial_shut(
    consonant: str, length_ms: int, fps: int, phase: float, neighbour: str
) -> None:
    sounds = sounds_of((neighbour, 150), (consonant, length_ms), (neighbour, 150))
    start, end = 0.150 - 1 / fps, 0.150 + length_ms / 1000 + 1 / fps
    times = [time for time in (np.arange(-1, 40) + phase) / fps if start <= time <= end]
    assert min(mouth_at(time, sounds, 1 / fps).lower + mouth_at(time, sounds, 1 / fps).upper for time in times) < 1e-6


@pytest.mark.parametrize("length_ms", [40, 60, 80])
def test_closures_are_no_longer_than_real_ones(length_ms: int) -> None:
    sounds = sounds_of(("a", 150), ("p", length_ms), ("a", 150))
    gaps = [12.5 * mouth.lower + 3.2 * mouth.upper for mouth in (mouth_at(t, sounds) for t in np.arange(0, 0.4, 0.001))]
    assert 40 <= sum(gap < 1.5 for gap in gaps) <= 110


@pytest.mark.parametrize("vowel", ["a", "ɑ", "æ", "ʌ", "ɔ", "aɪ", "aʊ"])
@pytest.mark.parametrize("around", ["b", "t", "s", "k"])
def test_open_vowels_open_even_when_they_are_short(vowel: str, around: str) -> None:
    sounds = sounds_of((around, 70), (vowel, 85), (around, 70))
    assert max(mouth_at(time, sounds).lower for time in np.arange(0.07, 0.17, 0.01)) > 0.38


@QUICK
@given(SPEECH, st.integers(250, 600), SPEECH)
def test_long_pauses_are_exactly_at_rest(
    before: list[tuple[str, int]], pause_ms: int, after: list[tuple[str, int]]
) -> None:
    pause = sum(length for _, length in before) / 1000
    sounds = sounds_of(*before, ("", pause_ms), *after)
    for time in np.arange(pause + WINDOWS_S["jaw"][1], pause + pause_ms / 1000 - REACH_AHEAD_S, 0.01):
        assert mouth_at(time, sounds) == MouthPose()


def test_lips_meet_soon_after_speech_and_the_jaw_follows() -> None:
    sounds = sounds_of(("a", 200), ("", 300))
    mouth = mouth_at(0.26, sounds)
    assert mouth.lower < 0.05 < mouth.jaw


def test_short_pauses_leave_the_mouth_ajar() -> None:
    short, long = (sounds_of(("a", 150), ("", pause), ("a", 150)) for pause in (80, 300))
    assert mouth_at(0.19, short).lower > 0.1
    assert mouth_at(0.32, long) == MouthPose()


def test_slow_speech_reaches_its_targets_and_fast_speech_does_not() -> None:
    def widest(scale: float) -> float:
        sounds = sounds_of(*((value, round(100 * scale)) for value in "tatata"))
        return max(mouth_at(time, sounds).lower for time in np.arange(0, 0.6 * scale, 0.002))

    target = VOWELS["a"].target.lower
    assert widest(2.5) == pytest.approx(target)
    assert widest(0.4) < 0.9 * target


@QUICK
@given(st.sampled_from("aɑæʌɛeiɪəuoɔfszʃθl"))
def test_a_long_sound_reaches_its_target(letter: str) -> None:
    assert near(mouth_at(0.5, sounds_of((letter, 1000))), (VOWELS | CONSONANTS)[letter].target)


def test_rounding_comes_before_its_sound_and_before_the_jaw_opens() -> None:
    rounded, spread = (sounds_of(("k", 120), (vowel, 150)) for vowel in ("u", "i"))
    assert mouth_at(0.05, rounded).width < mouth_at(0.05, spread).width - 0.05
    assert mouth_at(0.01, rounded).width < mouth_at(0.0, sounds_of(("k", 120))).width
    assert mouth_at(0.04, sounds_of(("t", 120), ("ɔ", 150))).rounding > 0.05


def test_lips_are_quicker_than_the_jaw() -> None:
    sounds = sounds_of(("t", 300), ("a", 300))
    rise = {field: [getattr(mouth_at(t, sounds), field) for t in (0.27, 0.33)] for field in ("jaw", "lower")}
    share = {}
    for field, (first, second) in rise.items():
        low, high = (getattr(table.target, field) for table in (CONSONANTS["t"], VOWELS["a"]))
        share[field] = (second - first) / (high - low)
    assert share["lower"] > 1.3 * share["jaw"]


@QUICK
@given(SPEECH)
def test_movement_is_smooth(phonemes: list[tuple[str, int]]) -> None:
    sounds = sounds_of(*phonemes)
    length = sum(length for _, length in phonemes) / 1000
    curve = np.array([astuple(mouth_at(time, sounds)) for time in np.arange(-0.2, length + 0.3, 0.002)])
    assert np.isfinite(curve).all()
    assert np.abs(np.diff(curve, axis=0)).max() < 0.12


@QUICK
@given(SPEECH)
def test_lips_are_never_faster_than_real_ones(phonemes: list[tuple[str, int]]) -> None:
    sounds = sounds_of(*phonemes)
    length = sum(length for _, length in phonemes) / 1000
    lower = [mouth_at(time, sounds).lower for time in np.arange(-0.2, length + 0.3, 0.04)]
    assert np.abs(np.diff(lower)).max() < 0.04 * LIPS_PER_S * 1.05


@QUICK
@given(SPEECH, st.floats(0, 2), SPEECH)
def test_sounds_beyond_the_horizon_do_not_matter(
    phonemes: list[tuple[str, int]], time: float, others: list[tuple[str, int]]
) -> None:
    known = [sound for sound in sounds_of(*phonemes) if sound.start < time + REACH_AHEAD_S]
    end = max([time + REACH_AHEAD_S, *(sound.end for sound in known)])
    later = [Sound(sound.start + end, sound.end + end, sound.viseme) for sound in sounds_of(*others)]
    assert mouth_at(time, known + later) == mouth_at(time, known)


@QUICK
@given(SPEECH, st.floats(0.3, 2))
def test_sounds_long_past_do_not_matter(phonemes: list[tuple[str, int]], time: float) -> None:
    sounds = sounds_of(*phonemes)
    assert mouth_at(time, [sound for sound in sounds if sound.end > time - 0.3]) == mouth_at(time, sounds)


@QUICK
@given(SPEECH, st.floats(0, 1))
def test_the_order_of_sounds_does_not_matter(phonemes: list[tuple[str, int]], time: float) -> None:
    sounds = sounds_of(*phonemes)
    assert mouth_at(time, sounds[::-1]) == mouth_at(time, sounds)


def test_a_repeated_sound_is_one() -> None:
    once, twice = sounds_of(("t", 90), ("a", 160), ("t", 90)), sounds_of(("t", 90), ("a", 80), ("a", 80), ("t", 90))
    assert all(near(mouth_at(time, once), mouth_at(time, twice)) for time in np.arange(0, 0.34, 0.01))


def test_lips_stay_shut_from_one_bilabial_to_the_next() -> None:
    sounds = sounds_of(("a", 120), ("m", 60), ("b", 60), ("a", 120))
    assert max(mouth_at(time, sounds).lower for time in np.arange(0.135, 0.22, 0.002)) < 1e-6


def test_nothing_said_is_a_mouth_at_rest() -> None:
    assert mouth_at(1.0, []) == MouthPose()
