"""Speech whose marks stop and begin again."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from likeness_animator.engines.mesh import acting
from likeness_animator.engines.mesh.handover import Gap, gap_at, share_of_sound
from likeness_animator.engines.mesh.pose import MOUTH_FIELDS
from likeness_animator.engines.mesh.speaking import mouth_of
from likeness_animator.engines.mesh.track import SpeechTrack
from likeness_common.media import AudioChunk, Mark, MarkKind, VideoFormat
from likeness_tts.voices.espeak.library import Prosody
from training import voices

pytestmark = pytest.mark.unit

VIDEO = VideoFormat(64, 64)
SPEECH = voices.espeak("Papa may go home now, and we all go far away.", "gmw/en-US", Prosody())
SECONDS = len(SPEECH.pcm) / SPEECH.rate
MARKS = [Mark(MarkKind.PHONEME, start, end, 0, 0, value) for start, end, value in SPEECH.sounds]


def mouths(marks: list[Mark]) -> NDArray[np.float64]:
    """The mouth in every frame, (frames, fields)."""
    track = SpeechTrack(SPEECH.rate)
    for mark in marks:
        track.add_mark(mark)
    track.add_audio(AudioChunk(0, 0, SPEECH.pcm.tobytes()))
    found = []
    for frame in range(VIDEO.frames_covering(len(SPEECH.pcm), SPEECH.rate)):
        track.forget(VIDEO.frame_start_sample(frame, SPEECH.rate))
        time, limit = (frame + 0.5) / VIDEO.fps, acting.horizon(frame, VIDEO, SPEECH.rate)
        mouth = mouth_of(time, track.spoken_until(limit), track, limit, 1 / VIDEO.fps)
        found.append([getattr(mouth, name) for name in MOUTH_FIELDS])
    return np.array(found)


def without(start: float, end: float) -> list[Mark]:
    """The marks that are not between two moments."""
    rate = SPEECH.rate
    return [mark for mark in MARKS if mark.end_sample <= start * rate or mark.start_sample >= end * rate]


def test_the_sound_moves_the_mouth_where_marks_are_missing_and_nowhere_else() -> None:
    marked, heard, mixed = mouths(MARKS), mouths([]), mouths(without(0.8, 1.9))
    times = (np.arange(len(mixed)) + 0.5) / VIDEO.fps
    np.testing.assert_allclose(mixed[times < 0.5], marked[times < 0.5])
    np.testing.assert_allclose(mixed[times > 2.2], marked[times > 2.2])
    inside = (times > 1.3) & (times < 1.7)
    lower = MOUTH_FIELDS.index("lower")
    assert mixed[inside, lower].max() > 0.2
    assert np.abs(mixed - heard)[inside].mean() < 0.5 * np.abs(mixed - marked)[inside].mean()


@settings(deadline=None, max_examples=10)
@given(st.floats(0.2, SECONDS - 1.2), st.floats(0.1, 1.5))
def test_no_lip_jumps_where_marks_stop_or_begin(start: float, length: float) -> None:
    found = mouths(without(start, start + length))
    lips = found[:, [MOUTH_FIELDS.index(name) for name in ("jaw", "lower", "upper")]]
    assert np.abs(np.diff(lips, axis=0)).max() < 0.66


@given(st.lists(st.integers(1, 400), min_size=2, max_size=12), st.integers(0, 11))
def test_the_share_of_the_sound_never_jumps(lengths: list[int], missing: int) -> None:
    edges = np.cumsum([0, *lengths]) / 1000
    marks = [span for index, span in enumerate(pairwise(edges.tolist())) if index != missing]
    shares = []
    for time in np.arange(-0.2, edges[-1] + 0.6, 0.002):
        known = [span for span in marks if span[0] < time + 0.14]
        shares.append(share_of_sound(float(time), gap_at(float(time), known)))
    assert np.abs(np.diff(shares)).max() < 0.06


def test_marks_that_follow_each_other_leave_no_gap() -> None:
    marks = [(0.02 * index, 0.02 * index + 0.02) for index in range(100)]
    assert all(gap_at(time, marks).start == marks[-1][1] for time in np.arange(0, 1.9, 0.01))


def test_the_sound_leads_in_the_middle_of_a_gap_and_before_anything_is_marked() -> None:
    assert share_of_sound(1.0, gap_at(1.0, [])) == 1
    assert share_of_sound(1.5, gap_at(1.5, [(0.0, 1.0), (2.0, 2.1)])) == 1
    assert share_of_sound(0.5, gap_at(0.5, [(0.0, 1.0), (2.0, 2.1)])) == 0
    assert share_of_sound(2.05, gap_at(2.05, [(0.0, 1.0), (2.0, 2.1)])) == 0


def test_short_holes_between_marks_are_pauses() -> None:
    assert gap_at(1.1, [(0.0, 1.0), (1.2, 1.3)]) == Gap(1.3, np.inf)
