"""The meter of life counts blinks and measures turns."""

import numpy as np
import pytest

from bench.meter import life

from .tracks import FPS, film

pytestmark = pytest.mark.unit

SECONDS = 60
TIMES = np.arange(SECONDS * FPS) / FPS


def blinking(at: list[float]):
    eyes = np.ones(len(TIMES))
    for time in at:
        eyes[round(time * FPS) : round((time + 0.16) * FPS)] = 0.4
    return eyes


def test_blinks_are_counted_and_their_regularity_seen():
    at = [2.0, 3.1, 9.0, 12.5, 20.0, 21.2, 33.0, 41.0, 44.4, 55.0]
    found = life.measure(film(np.zeros(len(TIMES)), blinking(at)))
    assert found.blinks_per_minute == pytest.approx(10)
    assert found.blink_variation > 0.5
    clockwork = life.measure(film(np.zeros(len(TIMES)), blinking([3.0 + 6 * k for k in range(9)])))
    assert clockwork.blink_variation < 0.02


def test_eyes_that_stay_narrow_are_no_blink():
    eyes = np.ones(len(TIMES))
    eyes[500:] = 0.7
    assert len(life.blink_times(film(np.zeros(len(TIMES)), eyes))) == 0


def test_turns_are_measured_in_degrees():
    angles = np.stack([3 * np.sin(TIMES), 2 * np.sin(1.3 * TIMES), np.sin(0.7 * TIMES)], axis=1)
    track = film(np.zeros(len(TIMES)), angles=angles)
    assert life.rotations(track) == pytest.approx(angles, abs=0.15)
    found = life.measure(track)
    assert (found.yaw, found.pitch, found.roll) == pytest.approx(angles.std(axis=0).tolist(), abs=0.05)


def test_a_frozen_film_has_no_life():
    found = life.measure(film(np.zeros(len(TIMES))))
    assert (found.blinks_per_minute, found.rotation, found.acceleration_mm) == pytest.approx((0, 0, 0))


def test_a_jump_shows_as_acceleration():
    still = np.zeros((len(TIMES), 3))
    jumping = still.copy()
    jumping[::5, 2] = 5.0
    assert life.measure(film(TIMES * 0, angles=jumping)).acceleration_mm > 3


def test_a_second_half_that_repeats_the_first_is_found():
    angles = np.stack([np.sin(2 * np.pi * TIMES / 7.5), np.cos(2 * np.pi * TIMES / 10), 0 * TIMES], axis=1)
    assert life.likeness_of_halves(film(TIMES * 0, angles=angles)) > 0.99
    angles[len(TIMES) // 2 :] = np.random.default_rng(0).normal(size=(len(TIMES) // 2, 3)).cumsum(axis=0) / 20
    assert life.likeness_of_halves(film(TIMES * 0, angles=angles)) < 0.5
