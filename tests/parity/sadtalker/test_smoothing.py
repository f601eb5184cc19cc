"""Smoothing of poses against the reference, whole and while they come in."""

import numpy as np
import pytest
from scipy.signal import savgol_filter

from likeness_animator.engines.sadtalker import smoothing

from .golden import arrays

pytestmark = pytest.mark.parity


@pytest.mark.parametrize("case", [("pose_pred", "pose_pred_smoothed"), ("short10_pose_pred", "short10_smoothed")])
def test_poses_of_the_reference(case: tuple[str, str]) -> None:
    raw, expected = (arrays("audio2pose")[key][0] for key in case)
    np.testing.assert_allclose(smoothing.smooth(raw), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("count", [3, 4, 12, 13, 14, 19, 60])
def test_any_length_as_scipy_does(count: int) -> None:
    values = np.random.default_rng(count).normal(size=(count, 6)).astype(np.float32)
    length = min(13, 2 * ((count - 1) // 2) + 1)
    expected = savgol_filter(values.astype(np.float64), length, 2, axis=0, mode="interp")
    np.testing.assert_allclose(smoothing.smooth(values), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("count", [1, 2])
def test_very_short_clips_stay_as_they_are(count: int) -> None:
    values = np.arange(6 * count, dtype=np.float32).reshape(count, 6)
    np.testing.assert_array_equal(smoothing.smooth(values), values)


def test_values_are_final_six_frames_behind() -> None:
    values = np.random.default_rng(1).normal(size=(50, 6)).astype(np.float32)
    whole = smoothing.smooth(values)
    for frame in range(7, 44):
        first = frame - 6
        heard = values[first : frame + 7]
        np.testing.assert_array_equal(smoothing.at(heard, frame, first, None), whole[frame])
