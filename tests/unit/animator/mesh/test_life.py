from functools import cache

import numpy as np
import pytest

from likeness_animator.engines.mesh.blinking import DOUBLE_AFTER_S, REFRACTORY_S
from likeness_animator.engines.mesh.gaze import LIMIT_DEGREES, MM_PER_DEGREE
from likeness_animator.engines.mesh.randomness import chance

from .life import FPS, Life, live, murmur, silence

pytestmark = pytest.mark.unit

SEEDS = (0, 1, 2**64 - 1)
MINUTES = 10


@cache
def speaking(seed: int) -> Life:
    return live(murmur(60 * MINUTES, seed % 7), seed)


@cache
def resting(seed: int) -> Life:
    return live(silence(120), seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_blinks_are_frequent_and_irregular(seed: int) -> None:
    for life, minutes in ((speaking(seed), MINUTES), (resting(seed), 2)):
        assert 10 <= len(life.blinks) / minutes <= 25
        gaps = np.diff(life.blinks)
        assert 0.3 < gaps.std() / gaps.mean() < 1.2
        assert life.shut.mean() < 0.12


@pytest.mark.parametrize("seed", SEEDS)
def test_blinks_keep_their_distance_but_for_double_ones(seed: int) -> None:
    gaps = np.diff(speaking(seed).blinks)
    double = gaps < REFRACTORY_S
    assert 0.01 < double.mean() < 0.2
    assert (gaps[double] > 0.85 * DOUBLE_AFTER_S).all()
    assert gaps[~double].min() >= 0.8


@pytest.mark.parametrize("seed", SEEDS)
def test_blinks_cluster_at_the_ends_of_phrases(seed: int) -> None:
    life = speaking(seed)
    ends = np.array([cue.time for cue in life.cues if cue.ended])
    away = np.abs(np.array(life.blinks)[:, None] - ends).min(axis=1)
    anywhere = np.abs(np.linspace(0, 60 * MINUTES, 5000)[:, None] - ends).min(axis=1)
    assert (away < 0.25).mean() > 1.8 * (anywhere < 0.25).mean()


def test_lids_close_fast_and_open_slowly_and_sometimes_only_partly() -> None:
    life = speaking(0)
    shut = life.shut
    begins = np.flatnonzero((shut[1:] > 0.02) & (shut[:-1] <= 0.02)) + 1
    depths, closing, opening = [], [], []
    for begin in begins[begins < len(shut) - 20]:
        end = begin + int(np.argmax(shut[begin:] <= 0.02))
        top = begin + int(np.argmax(shut[begin:end]))
        depths.append(shut[top])
        closing.append(top - begin + 1)
        opening.append(end - top)
    assert np.mean(opening) > 1.4 * np.mean(closing)
    assert np.mean(closing) / FPS < 0.15
    partial = np.array(depths) < 0.85
    assert 0.03 < partial.mean() < 0.35
    assert max(depths) == 1.0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_head_lives_without_jumps(seed: int) -> None:
    for life, least in ((speaking(seed), 1.0), (resting(seed), 0.8)):
        rotation = life.rotation
        assert least < np.sqrt(rotation.var(axis=0).sum()) < 4
        acceleration = np.linalg.norm(np.diff(rotation, 2, axis=0), axis=1) * FPS * FPS
        assert np.percentile(acceleration, 95) < 200
        assert acceleration.max() < 500
        assert np.abs(np.diff(rotation, axis=0)).max() < 1.2
        assert np.abs(rotation).max() < 10


def test_a_film_starts_from_the_photo() -> None:
    life = speaking(0)
    first, second = life.rotation[:2]
    assert np.abs(first).max() < 0.05
    assert np.abs(second - first).max() < 0.05
    assert np.abs(life.gaze[0]).max() < 0.05


def test_silence_is_calmer_but_breathes() -> None:
    talk, rest = speaking(0), resting(0)
    assert 0.25 < rest.rotation.std() / talk.rotation.std() < 0.9
    assert np.abs(np.diff(rest.rotation, 2, axis=0)).max() < 0.3 * np.abs(np.diff(talk.rotation, 2, axis=0)).max()
    still = live(silence(60), 0, energy=0.0)
    height = np.array([pose.shift_y for pose in still.head])[5 * FPS :]
    spectrum = np.abs(np.fft.rfft(height - height.mean()))
    breaths_per_second = np.argmax(spectrum) * FPS / len(height)
    assert 0.15 < breaths_per_second < 0.35
    assert 0.5 < np.abs(height).max() < 1.5


def test_nods_and_brows_come_with_what_stands_out() -> None:
    life = speaking(0)
    beats = np.array([cue.time for cue in life.cues if cue.beat]) - 0.12
    assert 20 < len(beats) / MINUTES < 110
    pitch, brow = life.rotation[:, 1], life.brow
    frames = (beats[(beats > 1) & (beats < 60 * MINUTES - 2)] * FPS).astype(int)
    anywhere = np.arange(FPS, len(pitch) - FPS)
    moved = pitch[frames + 7] - pitch[frames]
    assert moved.mean() > 0.3
    assert abs((pitch[anywhere + 7] - pitch[anywhere]).mean()) < 0.05
    assert (brow[frames + 6] - brow[frames]).mean() > 5 * abs((brow[anywhere + 6] - brow[anywhere]).mean())
    assert (brow[frames + 6] - brow[frames]).mean() > 0.03
    assert brow.max() < 1.1


def test_eyes_rest_jump_and_stay_within_reach() -> None:
    eyes = live(murmur(120), 5, energy=0.0).gaze
    moving = np.abs(np.diff(eyes, axis=0)).max(axis=1) > 0.03
    assert 0.01 < moving.mean() < 0.25
    assert (np.hypot(*eyes.T) < 2.0 * MM_PER_DEGREE).mean() > 0.6
    assert np.abs(eyes[:, 0]).max() > 3.0 * MM_PER_DEGREE
    assert (np.abs(eyes) <= MM_PER_DEGREE * np.array(LIMIT_DEGREES)).all()


def test_eye_contact_keeps_the_eyes_on_the_viewer() -> None:
    def error(contact: bool) -> float:
        life = live(murmur(120), 5, contact=contact)
        return float(np.hypot(*(life.gaze / MM_PER_DEGREE + life.rotation[:, :2]).T).mean())

    assert error(contact=True) < 0.4 * error(contact=False)
    assert error(contact=True) < 0.6


def test_minutes_and_seeds_differ_and_repeat() -> None:
    sound = murmur(20)
    minute = tuple(np.tile(part, 3)[: 60 * 100] for part in sound)
    life = live((minute[0], minute[1]), 4)
    thirds = life.rotation[: 57 * FPS].reshape(3, -1)
    assert np.abs(thirds[1] - thirds[2]).max() > 1
    again, other = live(sound, 4), live(sound, 3)
    assert live(sound, 4).head == again.head
    assert other.head != again.head
    assert other.blinks != again.blinks


def test_chance_is_even() -> None:
    values = np.array([[chance(seed, 1, index) for index in range(4000)] for seed in (7, 8)])
    assert np.abs(values.mean(axis=1) - 0.5).max() < 0.03
    assert 0 <= values.min() < values.max() < 1
    neighbours = np.corrcoef(np.vstack([values[:, 1:], values[:, :-1]]))
    assert np.abs(neighbours - np.eye(4)).max() < 0.06
