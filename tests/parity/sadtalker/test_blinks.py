"""Blinks against those that the reference draws."""

import numpy as np
import pytest

from likeness_animator.engines.sadtalker import blinks

from .golden import arrays

pytestmark = pytest.mark.parity


@pytest.mark.parametrize("count", [20, 50, 200])
def test_blinks_of_the_reference(count: int) -> None:
    expected = arrays("glue_motion")[f"blink_seed7_n{count}"]
    np.testing.assert_array_equal(blinks.exact(count, 7), expected.astype(np.float32))


@pytest.mark.parametrize("count", range(1, 24))
def test_clips_too_short_for_a_pause_have_none(count: int) -> None:
    assert blinks.exact(count, 1).shape == (count,)
