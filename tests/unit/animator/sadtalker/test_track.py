"""Coefficients along with the speech."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from likeness_animator.engines.sadtalker import blinks
from likeness_animator.engines.sadtalker.engine import LOOKAHEAD_MS
from likeness_animator.engines.sadtalker.track import EXPRESSION, REACH, Guide, Moment
from likeness_common.errors import InvalidArgument
from likeness_common.media import AudioChunk

from .motion import OPTIONS, SOURCE, Floats, speech, track, windows

pytestmark = pytest.mark.unit

RATE = 24_000
POSE = slice(64, 70)
SPEECH = speech(4.1)


def centres(found: list[Floats]) -> Floats:
    """The coefficients of each frame itself, (frames, 70)."""
    return np.stack([window[:, REACH] for window in found])


WHOLE = windows(track(), SPEECH)


def test_there_is_one_window_for_each_frame_that_the_speech_covers() -> None:
    assert len(WHOLE) == 103
    np.testing.assert_array_equal(WHOLE[-1], WHOLE[-2])
    assert {window.shape for window in WHOLE} == {(70, 27)}


def test_windows_hold_the_frames_around_and_stand_still_beyond_the_clip() -> None:
    known = centres(WHOLE[:-1])
    for frame in (0, 5, 50, 101):
        around = np.clip(np.arange(frame - REACH, frame + REACH + 1), 0, 101)
        np.testing.assert_array_equal(WHOLE[frame], known[around].T)


@given(st.lists(st.integers(1, 9000), max_size=60))
@settings(max_examples=8, deadline=None)
def test_chunking_changes_nothing(sizes: list[int]) -> None:
    np.testing.assert_array_equal(windows(track(), SPEECH, sizes), WHOLE)


@pytest.mark.parametrize("seconds", [0, 0.01, 0.04, 0.09, 0.5, 1.28, 1.32, 1.36, 2.64])
def test_clips_of_any_length_have_motion(seconds: float) -> None:
    found = windows(track(), speech(seconds))
    assert len(found) == max(1, -(-round(seconds * RATE) * 25 // RATE))
    assert np.isfinite(found).all()


def test_the_head_begins_near_where_it_is_in_the_photo_and_moves() -> None:
    poses = centres(WHOLE)[:, POSE]
    assert np.ptp(poses, axis=0).min() > 0
    still = replace(OPTIONS, motion_scale=0.0)
    at_rest = centres(windows(track(still), SPEECH))[:, POSE]
    np.testing.assert_allclose(at_rest, np.tile(SOURCE[POSE], (103, 1)), atol=1e-6)


def test_the_same_seed_moves_the_same_and_another_one_moves_otherwise() -> None:
    np.testing.assert_array_equal(windows(track(), SPEECH), WHOLE)
    other = centres(windows(track(seed=4), SPEECH))
    assert (other[:, POSE] != centres(WHOLE)[:, POSE])[1:].any(axis=1).all()
    assert (other[:, :EXPRESSION] != centres(WHOLE)[:, :EXPRESSION]).any()


@pytest.fixture(scope="module")
def snapshots() -> list[dict[str, Any]]:
    """One before each frame but the first."""
    kept: list[dict[str, Any]] = []
    moving = track()
    windows(moving, SPEECH, drawn=lambda drawn: kept.append(moving.snapshot(Moment.of(drawn, 25))))
    return kept


@given(st.integers(1, 102), st.booleans(), st.integers(1, 5000))
@settings(max_examples=20, deadline=None)
def test_motion_goes_on_from_any_frame(
    snapshots: list[dict[str, Any]], first: int, from_beginning: bool, size: int
) -> None:
    start, moving = first * RATE // 25, track()
    moving.restore(snapshots[first - 1], Moment.of(first, 25), start)
    rest = windows(moving, SPEECH, [size] * 5, first=first, start=0 if from_beginning else start)
    np.testing.assert_array_equal(rest, WHOLE[first:])


def test_no_frame_waits_for_more_than_the_lookahead() -> None:
    for rate in (8000, 24_000, 44_100, 48_000):
        for fps in (10, 24, 25, 30, 60):
            for picture in range(4 * fps):
                waited = Moment.of(picture, fps).horizon(rate) / rate - (picture + 1) / fps
                assert waited <= LOOKAHEAD_MS / 1000


@pytest.mark.parametrize(("missing", "ready"), [(1, False), (0, True)])
def test_a_frame_is_ready_at_its_horizon_and_not_before(missing: int, ready: bool) -> None:
    moment, moving = Moment.of(0, 25), track()
    moving.add(AudioChunk(0, 0, SPEECH[: 2 * (moment.horizon(RATE) - missing)]))
    assert moving.ready(moment) is ready


def test_exact_motion_waits_for_the_end_and_differs_by_its_blinks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = replace(OPTIONS, exact_limit_s=10)
    moving = track(exact)
    moving.add(AudioChunk(0, 0, SPEECH))
    assert not moving.ready(Moment.of(0, 25))
    found = windows(track(exact), SPEECH)
    np.testing.assert_array_equal(centres(found)[:, POSE], centres(WHOLE)[:, POSE])
    assert (centres(found)[:, :EXPRESSION] != centres(WHOLE)[:, :EXPRESSION]).any()
    closed = blinks.exact(102, 3)
    monkeypatch.setattr(blinks.Blinks, "closed", lambda _self, frame: float(closed[frame]))
    np.testing.assert_array_equal(windows(track(), SPEECH), found)


def test_exact_motion_refuses_speech_beyond_its_limit() -> None:
    moving = track(replace(OPTIONS, exact_limit_s=4))
    with pytest.raises(InvalidArgument, match="longer than 4 s") as refused:
        moving.add(AudioChunk(0, 0, SPEECH))
    assert refused.value.field == "audio"


def test_options_weigh_the_expression_and_hold_the_head() -> None:
    strong = centres(windows(track(replace(OPTIONS, expression_scale=2.0)), SPEECH))
    np.testing.assert_array_equal(strong[:, :EXPRESSION], 2 * centres(WHOLE)[:, :EXPRESSION])
    still = centres(windows(track(replace(OPTIONS, still=True)), SPEECH))
    np.testing.assert_array_equal(still[:, POSE], np.tile(SOURCE[POSE], (103, 1)))
    styled = centres(windows(track(replace(OPTIONS, style=7)), SPEECH))
    assert (styled[1:, POSE] != centres(WHOLE)[1:, POSE]).any()


def test_a_guide_adds_its_motion_over_and_over() -> None:
    poses = np.random.default_rng(2).normal(size=(30, 6)).astype(np.float32)
    guided = centres(windows(track(guide=Guide(poses=poses)), SPEECH))[:102, POSE]
    moved = poses[np.arange(102) % 30] - poses[0]
    np.testing.assert_allclose(guided - centres(WHOLE)[:102, POSE], moved, atol=1e-5)
    expressions = np.random.default_rng(3).normal(size=(30, 64)).astype(np.float32)
    found = centres(windows(track(guide=Guide(expressions=expressions)), SPEECH))
    assert (found[:, :EXPRESSION] != centres(WHOLE)[:, :EXPRESSION]).any()
    np.testing.assert_array_equal(found[:, POSE], centres(WHOLE)[:, POSE])


@pytest.mark.parametrize("fps", [10, 24, 60])
def test_other_frame_rates_show_the_same_motion(fps: int) -> None:
    found = windows(track(), SPEECH, fps=fps)
    assert len(found) == -(-len(SPEECH) // 2 * fps // RATE)
    for picture in range(0, len(found) - fps // 5, max(1, fps // 7)):
        place, between = divmod(picture * 25, fps)
        low, high = WHOLE[place], WHOLE[min(place + 1, 102)]
        np.testing.assert_allclose(found[picture], low + np.float32(between / fps) * (high - low), atol=1e-6)


def test_nothing_grows_with_the_speech() -> None:
    moving, second = track(), speech(1.0)
    sizes: list[int] = []
    for index in range(12):
        moving.add(AudioChunk(index, index * RATE, second))
        while moving.ready(moment := Moment.of(len(sizes), 25)):
            moving.window(moment)
            moving.forget(moment)
            rows = moving._expressions, moving._poses, moving._heard
            sizes.append(sum(kept.values.size for kept in rows) + moving._ear._speech.size + moving._ear._sound.size)
    assert len(sizes) > 220
    assert max(sizes[120:]) <= max(sizes[:120])
