# ruff: noqa: RUF001 - IPA letters look like Latin ones.
from dataclasses import astuple
from itertools import pairwise

import numpy as np
import pytest

from likeness_animator.engines.mesh.coarticulation import Sound, mouth_at
from likeness_animator.engines.mesh.pose import MouthPose
from likeness_animator.engines.mesh.visemes import articulate

pytestmark = pytest.mark.unit


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


@pytest.mark.parametrize("consonant", ["p", "b", "m"])
@pytest.mark.parametrize("length_ms", [20, 35, 60, 120])
@pytest.mark.parametrize("phase_ms", [0, 13, 26, 39])
def test_lips_meet_in_some_frame_of_every_bilabial(consonant: str, length_ms: int, phase_ms: int) -> None:
    sounds = sounds_of(("a", 120), (consonant, length_ms), ("a", 120))
    start, end = 0.120 - 0.02, 0.120 + length_ms / 1000 + 0.02
    times = [time for time in np.arange(phase_ms / 1000, 0.4, 0.04) if start <= time <= end]
    assert min(mouth_at(time, sounds).lower + mouth_at(time, sounds).upper for time in times) < 0.02


def test_open_vowels_open() -> None:
    sounds = sounds_of(("b", 70), ("ɑː", 160), ("b", 70))
    assert max(mouth_at(time, sounds).lower for time in np.arange(0.07, 0.23, 0.01)) > 0.7


def test_pauses_are_closed_and_still() -> None:
    sounds = sounds_of(("a", 150), ("", 300), ("a", 150))
    assert {mouth_at(time, sounds) for time in np.arange(0.25, 0.36, 0.01)} == {MouthPose()}


def test_mouth_opens_before_the_sound_and_closes_after_it() -> None:
    sounds = sounds_of(("", 300), ("a", 150))
    assert 0 < mouth_at(0.27, sounds).lower < mouth_at(0.36, sounds).lower
    assert mouth_at(0.48, sounds).lower > 0
    assert mouth_at(0.56, sounds) == MouthPose()


def test_rounding_spreads_to_the_neighbours() -> None:
    assert (
        mouth_at(0.05, sounds_of(("t", 70), ("uː", 150))).width
        < mouth_at(0.05, sounds_of(("t", 70), ("iː", 150))).width
    )


def test_movement_is_smooth() -> None:
    sounds = sounds_of(("m", 60), ("aɪ", 120), ("p", 40), ("w", 60), ("iː", 120), ("f", 70), ("uː", 90), ("", 200))
    curve = np.array([astuple(mouth_at(time, sounds)) for time in np.arange(0, 0.9, 0.002)])
    steps = np.abs(np.diff(curve, axis=0))
    assert steps.max() < 0.12
    assert np.isfinite(curve).all()


def test_far_sounds_do_not_matter() -> None:
    sounds = sounds_of(("a", 100), ("t", 100), ("i", 100), ("k", 100), ("u", 100), ("s", 100), ("a", 100), ("m", 100))
    for time in np.arange(0.3, 0.8, 0.02):
        near = [sound for sound in sounds if time - 0.3 < sound.end and sound.start < time + 0.12]
        assert mouth_at(time, near) == mouth_at(time, sounds)


def test_a_new_sound_enters_gently() -> None:
    sounds = sounds_of(("a", 200), ("m", 100))
    for before, after in pairwise(np.arange(0.075, 0.085, 0.0005)):
        first, second = (np.array(astuple(mouth_at(time, sounds))) for time in (before, after))
        assert np.abs(first - second).max() < 0.02
