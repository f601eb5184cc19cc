# ruff: noqa: RUF001 - IPA letters look like Latin ones.
"""The meter of closure tells lips that meet from lips that do not."""

import numpy as np
import pytest

from bench.meter import closure

from .tracks import film, phonemes

pytestmark = pytest.mark.unit

WORDS = phonemes(("m", 0.12), ("ɑː", 0.2), ("p", 0.12), ("æ", 0.2), ("", 0.56))
FRAMES = 30


def gaps(shut: float, opened: float, rest: float):
    curve = np.full(FRAMES, shut)
    curve[3:8], curve[11:16], curve[16:] = opened, opened, rest
    return curve


def test_good_lips_pass():
    found = closure.measure(film(gaps(0.01, 0.3, 0.01)), WORDS)
    assert (found.bilabials, found.pauses_closed, found.pauses_both) == (1, 1, 1)
    assert found.contrast > 20
    assert found.vowels == pytest.approx({"ɑː": 0.3, "æ": 0.3}, rel=1e-3)


def test_lips_that_never_meet_fail():
    found = closure.measure(film(gaps(0.08, 0.3, 0.08)), WORDS)
    assert found.bilabials == 0
    assert found.pauses_closed == 0
    assert len(found.missed) == found.bilabial_count == 2


def test_lips_that_meet_a_frame_late_pass_and_three_frames_late_fail():
    for late, share in ((1, 1.0), (3, 0.5)):
        curve = np.full(FRAMES, 0.3)
        curve[[0, 10 + late]] = 0.0  # p sounds in frames 8 to 10
        assert closure.measure(film(curve), WORDS).bilabials == share


def test_a_mouth_that_trembles_in_a_pause_is_not_still():
    curve = gaps(0.01, 0.3, 0.01)
    curve[16::2] += 0.02
    found = closure.measure(film(curve), WORDS)
    assert found.pauses_closed == 1
    assert found.pauses_both == 0


def test_silent_marks_that_touch_are_one_pause():
    marks = phonemes(("m", 0.1), ("", 0.15), ("", 0.1), ("t", 0.1), ("", 0.1))
    assert np.array(closure.pauses(marks)) == pytest.approx(np.array([(0.1, 0.35), (0.45, 0.55)]))
