# ruff: noqa: RUF001 - IPA letters look like Latin ones.
"""The meter of sync finds what it is shown."""

import numpy as np
import pytest

from bench.meter import sync

from .tracks import FPS, film, phonemes

pytestmark = pytest.mark.unit

WORDS = phonemes(("", 0.4), *[("m", 0.08), ("ɑː", 0.21), ("t", 0.07), ("ˈuː", 0.15), ("b", 0.1), ("æ", 0.13)] * 9)


def mouth(late_s: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The target itself, shown late."""
    seconds = WORDS[-1].end_sample / 24_000
    curve = sync.target(WORDS, seconds)
    times = np.arange(round(seconds * FPS)) / FPS
    return 0.3 * np.interp(times - late_s, np.arange(len(curve)) / sync.FINE_HZ, curve)


@pytest.mark.parametrize("late_ms", [-200, -100, -40, 0, 40, 70, 120, 200])
def test_a_late_mouth_is_found_to_the_millisecond_or_so(late_ms):
    found = sync.measure(film(mouth(late_ms / 1e3)), WORDS)
    assert found.lag_ms == pytest.approx(late_ms, abs=10)
    assert found.peak > 0.97


@pytest.mark.parametrize("delay_ms", [-120, 80])
def test_sound_that_plays_later_makes_the_mouth_early(delay_ms):
    found = sync.measure(film(mouth(0.0)), WORDS, delay_ms / 1e3)
    assert found.lag_ms == pytest.approx(-delay_ms, abs=10)


def test_a_frozen_mouth_has_no_sync():
    assert sync.measure(film(np.full(200, 0.1)), WORDS).peak == 0


def test_noise_has_little_sync():
    noise = np.random.default_rng(1).uniform(0, 0.3, 166)
    assert sync.measure(film(noise), WORDS).peak < 0.5


def test_the_target_follows_the_parts_of_a_diphthong():
    curve = sync.target(phonemes(("ˈaɪ", 0.2)), 0.2)
    assert curve[20] > curve[180] > 0
