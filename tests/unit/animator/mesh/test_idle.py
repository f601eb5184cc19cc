import numpy as np
import pytest

from likeness_animator.engines.mesh import idle

pytestmark = pytest.mark.unit

FPS = 25


def blink_curve(seed: int, minutes: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([idle.blink(seed, (frame + 0.5) / FPS) for frame in range(minutes * 60 * FPS)])


@pytest.mark.parametrize("seed", [0, 1, 99, 2**64 - 1])
def test_blinks_are_frequent_irregular_and_complete(seed: int) -> None:
    curve = blink_curve(seed, 4)
    starts = np.flatnonzero((curve[1:] > 0.3) & (curve[:-1] <= 0.3))
    assert 10 <= len(starts) / 4 <= 25
    assert np.diff(starts).std() > 0.5 * FPS
    for start in starts[:-1]:
        assert curve[start : start + 8].max() == 1.0
    assert curve.mean() < 0.12


def test_head_moves_a_little_and_smoothly() -> None:
    poses = [idle.head(5, frame / FPS) for frame in range(120 * FPS)]
    yaw, pitch, roll = (np.array([getattr(pose, name) for pose in poses]) for name in ("yaw", "pitch", "roll"))
    assert 0.7 < np.sqrt(yaw.var() + pitch.var() + roll.var()) < 4
    for angle in (yaw, pitch, roll):
        assert np.abs(np.diff(angle)).max() < 0.5
        assert np.abs(np.diff(angle, 2)).max() < 0.15
        assert np.abs(angle).max() < 5


def test_minutes_and_seeds_differ_and_repeat() -> None:
    first, second = blink_curve(1, 2).reshape(2, -1)
    assert not np.array_equal(first, second)
    assert not np.array_equal(blink_curve(1, 1), blink_curve(2, 1))
    assert idle.head(3, 12.34) == idle.head(3, 12.34)
    assert idle.head(3, 12.34) != idle.head(4, 12.34)


def test_gaze_rests_and_jumps() -> None:
    gaze = np.array([idle.gaze(4, frame / FPS) for frame in range(60 * FPS)])
    moving = np.abs(np.diff(gaze, axis=0)).max(axis=1) > 1e-9
    assert 0.01 < moving.mean() < 0.2
    assert np.abs(gaze).max() <= max(idle.GAZE_MM)


def test_chance_is_even() -> None:
    values = np.array([idle.chance(7, 1, index) for index in range(4000)])
    assert abs(values.mean() - 0.5) < 0.03
    assert 0 <= values.min() < values.max() < 1
