# ruff: noqa: RUF001 - IPA letters look like Latin ones.
import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from likeness_animator.engines.mesh.acting import Actor, horizon
from likeness_animator.engines.mesh.pose import MouthPose, Pose
from likeness_animator.engines.mesh.track import SpeechTrack
from likeness_common.media import Acting, AudioChunk, Expression, Mark, VideoFormat

from .speech import RATE, babble, marks_of

pytestmark = pytest.mark.unit

VIDEO = VideoFormat(128, 128)
PHRASE = [("m", 80), ("ˈaɪ", 160), ("p", 60), ("iː", 120), ("ˈɔː", 180), ("", 300)]
MARKS = marks_of(PHRASE * 9)
PCM = b"".join(babble(0.6, loudness) + bytes(2 * 3 * RATE // 10) for loudness in np.linspace(1500, 6000, 9))
SAMPLES = len(PCM) // 2


def heard(actor: Actor, track: SpeechTrack, first: int, end: int) -> list[Pose]:
    """Poses of the frames from `first` whose horizon is not beyond sample `end`."""
    poses: list[Pose] = []
    while horizon(first + len(poses), VIDEO, RATE) <= end:
        track.forget(VIDEO.frame_start_sample(first + len(poses), RATE))
        poses.append(actor.pose(first + len(poses)))
    return poses


def play(
    cuts: Sequence[int] = (),
    seed: int = 3,
    acting: Acting | None = None,
    pcm: bytes = PCM,
    marks: Sequence[Mark] = MARKS,
) -> list[Pose]:
    track = SpeechTrack(RATE)
    actor = Actor(VIDEO, track, seed, acting or Acting())
    poses: list[Pose] = []
    waiting = list(marks)
    start = 0
    for sequence, end in enumerate([*sorted(set(cuts)), len(pcm) // 2]):
        while waiting and waiting[0].start_sample < end:
            track.add_mark(waiting.pop(0))
        track.add_audio(AudioChunk(sequence, start, pcm[2 * start : 2 * end]))
        poses += heard(actor, track, len(poses), end)
        start = end
    return poses


def curve(poses: Sequence[Pose], name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([getattr(pose, name) for pose in poses])


@settings(max_examples=12, deadline=None)
@given(cuts=st.lists(st.integers(1, SAMPLES - 1), max_size=12))
def test_chunks_do_not_change_poses(cuts: list[int]) -> None:
    assert play(cuts) == WHOLE


WHOLE = play()


@settings(max_examples=12, deadline=None)
@given(at=st.integers(1, len(WHOLE) - 1))
def test_poses_continue_from_any_snapshot(at: int) -> None:
    track = SpeechTrack(RATE)
    actor = Actor(VIDEO, track, 3, Acting())
    for mark in MARKS:
        track.add_mark(mark)
    track.add_audio(AudioChunk(0, 0, PCM))
    end = horizon(at - 1, VIDEO, RATE)
    assert heard(actor, track, 0, end) == WHOLE[:at]
    state = json.loads(json.dumps([track.snapshot(end), actor.snapshot()]))
    resumed = SpeechTrack(RATE)
    resumed.restore(state[0])
    again = Actor(VIDEO, resumed, 3, Acting())
    again.restore(state[1])
    for mark in MARKS:
        if mark.end_sample > end:
            resumed.add_mark(mark)
    start = VIDEO.frame_start_sample(at, RATE)
    resumed.add_audio(AudioChunk(0, start, PCM[2 * start :]))
    assert heard(again, resumed, at, SAMPLES) == WHOLE[at:]


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("gaze", "path", []),
        ("gaze", "path", [[0.0]]),
        ("head", "nods", [["x", 0, 0]]),
        ("blinking", "last", None),
        ("phrasing", "hop", "soon"),
        ("brows", "raises", 7),
    ],
)
def test_foreign_snapshots_are_refused(part: str, name: str, value: object) -> None:
    actor = Actor(VIDEO, SpeechTrack(RATE), 0, Acting())
    state = actor.snapshot()
    state[part] = {**state[part], name: value}
    with pytest.raises((ValueError, TypeError)):
        actor.restore(state)
    with pytest.raises(KeyError):
        actor.restore({})


def test_what_is_remembered_stays_small_for_an_hour() -> None:
    track = SpeechTrack(RATE)
    actor = Actor(VideoFormat(128, 128, fps=10), track, 1, Acting())
    sizes = []
    for step in range(360):
        # An hour of decisions, ten seconds of hops at a time.
        track._first_hop, track._loudness, track._pitch = step * 1000, *(track._loudness[:0], track._pitch[:0])
        syllables = (2000 + 1900 * np.sin(np.arange(1000) / 3 + step)) * (np.arange(1000) % 230 < 180)
        track._loudness.extend(syllables.astype(int).tolist())
        track._pitch.extend((1200 + 200 * np.sin(np.arange(1000) / 30)).astype(int).tolist())
        actor._hear((step + 1) * 10 * RATE)
        sizes.append(len(json.dumps(actor.snapshot())))
    assert max(sizes) < 2500
    assert np.mean(sizes[-60:]) < 1.3 * np.mean(sizes[10:70])


def test_seeds_and_expressions_change_the_acting_but_never_the_lips() -> None:
    mouths = [pose.mouth for pose in WHOLE]
    for acting in (Acting(Expression.EXCITED, 2.0), Acting(Expression.SERIOUS), Acting(eye_contact=True)):
        other = play(acting=acting)
        assert other != WHOLE
        assert [pose.mouth for pose in other] == mouths
    assert play(seed=4) != WHOLE


def test_without_intensity_a_face_only_speaks_blinks_and_breathes() -> None:
    for expression in Expression:
        calm = play(acting=Acting(expression, 0.0))
        assert {(pose.smile, pose.furrow, pose.inner_brow, pose.lids) for pose in calm} == {(0.0, 0.0, 0.0, 0.0)}
        assert curve(calm, "brow").max() < 0.5 * curve(WHOLE, "brow").max()
        assert curve(calm, "blink").max() == curve(WHOLE, "blink").max() > 0.5
        shift = np.array([pose.head.shift_y for pose in calm])
        assert np.ptp(shift) > 0.5


def test_intensity_strengthens_what_an_expression_shows() -> None:
    def mean(expression: Expression, intensity: float, name: str) -> float:
        return float(curve(play(acting=Acting(expression, intensity)), name).mean())

    for expression, name, sign in (
        (Expression.WARM, "smile", 1),
        (Expression.EXCITED, "brow", 1),
        (Expression.SERIOUS, "furrow", 1),
        (Expression.SERIOUS, "smile", -1),
        (Expression.EXCITED, "lids", -1),
    ):
        half, full, twice = (sign * mean(expression, intensity, name) for intensity in (0.5, 1.0, 2.0))
        assert 0 < half < full < twice
    energetic, earnest = (
        np.std([pose.head.yaw for pose in play(acting=Acting(expression))])
        for expression in (Expression.EXCITED, Expression.SERIOUS)
    )
    assert energetic > 1.5 * earnest


def test_in_silence_the_mouth_rests_and_the_face_lives() -> None:
    poses = play(pcm=bytes(2 * 20 * RATE), marks=[])
    assert {pose.mouth for pose in poses} == {MouthPose()}
    assert curve(poses, "blink").max() > 0.5
    assert np.std([pose.head.yaw for pose in poses]) > 0.3
    assert np.ptp(curve(poses, "gaze_x")) > 0.1
