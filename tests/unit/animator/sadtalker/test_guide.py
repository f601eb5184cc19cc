"""Films that follow the motion of another video."""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator.engines.sadtalker import guide, video
from likeness_animator.engines.sadtalker.alignment import align
from likeness_animator.engines.sadtalker.engine import SadTalkerEngine
from likeness_animator.engines.sadtalker.model import Model
from likeness_animator.engines.sadtalker.options import SadTalkerSettings
from likeness_animator.engines.sadtalker.track import NO_GUIDE, REACH, Guide
from likeness_animator.portrait import PortraitAnalyser
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_animator.portrait.landmarks import FaceLandmarks
from likeness_animator.portrait.landmarks68 import landmarks68
from likeness_animator.registry import EngineRegistry
from likeness_animator.settings import Settings
from likeness_common.errors import FailedPrecondition, InvalidArgument, Reason
from likeness_common.settings import InvalidSettings, read_settings
from likeness_common.weights import WeightStore
from tests.fakes.engines import SMALL_ENGINES
from tests.fakes.sadtalker import SmallSadTalker, small_graphs
from tests.unit.animator.portrait.faces import warp_of, warped

from .clips import write
from .motion import windows
from .portraits import scaled, shifted
from .test_session import ASKED, SPEECH, film

pytestmark = pytest.mark.unit

Pixels = NDArray[np.uint8]

TURNS = (0, 3, 6, 9, 6, 3, 0, -4, -8, -4)
"""Degrees by which the head is tilted, frame by frame."""


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(small_graphs())


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory, astronaut: Pixels) -> Path:
    pictures = [warped(astronaut, warp_of(astronaut, turn)) for turn in TURNS]
    return write(tmp_path_factory.mktemp("clips") / "moving.avi", pictures)


@pytest.fixture(scope="module")
def resting(tmp_path_factory: pytest.TempPathFactory, astronaut: Pixels) -> Path:
    return write(tmp_path_factory.mktemp("clips") / "resting.avi", [astronaut] * 5)


@pytest.fixture(scope="module")
def found(moving: Path, model: Model, analyser: PortraitAnalyser) -> guide.Floats:
    return guide.follow(moving, model, analyser.load().finder)


def test_a_head_that_moves_gives_poses_that_move(found: guide.Floats) -> None:
    """With stand-in weights by however little, and wherever the head comes back to, back to the same."""
    assert found.shape == (len(TURNS), 70)
    assert found.dtype == np.float32
    assert np.linalg.norm(np.diff(found[:, 64:], axis=0), axis=1).min() > 1e-5
    for frame, turn in enumerate(TURNS):
        np.testing.assert_array_equal(found[frame], found[TURNS.index(turn)])


def test_a_head_that_rests_gives_one_pose(resting: Path, model: Model, analyser: PortraitAnalyser) -> None:
    rows = guide.follow(resting, model, analyser.load().finder)
    np.testing.assert_array_equal(rows, np.tile(rows[0], (5, 1)))


def faces_of(portrait: AnalysedPortrait) -> list[FaceLandmarks]:
    return [FaceLandmarks(portrait.landmarks, 1.0)]


def test_surroundings_are_aligned_as_the_whole_picture_is(portrait: AnalysedPortrait) -> None:
    whole = align(portrait.image, landmarks68(portrait.landmarks)).picture.astype(int)
    part = guide.aligned(portrait.image, faces_of(portrait))
    assert part is not None
    assert np.abs(part - whole).mean() < 3
    other = shifted(portrait, 3, 2)
    moved = guide.aligned(other.image, faces_of(other))
    assert moved is not None
    assert np.abs(moved.astype(int) - part).mean() < 6


def test_a_face_beyond_the_border_counts_as_none(portrait: AnalysedPortrait) -> None:
    away = shifted(portrait, -210, 0)
    assert guide.aligned(away.image, faces_of(away)) is None
    assert guide.aligned(away.image, []) is None
    tiny = scaled(portrait, 0.2)
    assert guide.aligned(tiny.image, faces_of(tiny)) is not None


def gapped(path: Path, portrait: AnalysedPortrait, pattern: str, fps: int = 25) -> Path:
    """A video with a brighter face at each digit, and nothing at each dot."""
    bright = {mark: np.clip(portrait.image * (0.4 + 0.06 * int(mark)), 0, 255) for mark in set(pattern) - {"."}}
    nothing = np.zeros_like(portrait.image)
    return write(path, [np.asarray(bright.get(mark, nothing), np.uint8) for mark in pattern], fps)


def test_frames_without_a_face_repeat_their_neighbour(tmp_path: Path, portrait: AnalysedPortrait, model: Model) -> None:
    def find(picture: Pixels) -> list[FaceLandmarks]:
        return faces_of(portrait) if picture.max() > 30 else []

    follow = partial(guide.follow, model=model, find=find)
    path = tmp_path / "clip.avi"
    np.testing.assert_array_equal(
        follow(gapped(path, portrait, "..15..9.")), follow(gapped(path, portrait, "11155599"))
    )
    assert len(follow(gapped(path, portrait, "1" + 25 * "." + "9"))) == 27
    with pytest.raises(FailedPrecondition, match=r"clip\.avi.*shows no face for more than 1 s from 0\.08 s on"):
        follow(gapped(path, portrait, "19" + 26 * "." + "9"))
    with pytest.raises(FailedPrecondition, match=r"no face for more than 1 s from 0\.00 s"):
        follow(gapped(path, portrait, 2 * "." + "9", fps=1))
    with pytest.raises(FailedPrecondition, match=r"shows no face\. Use one"):
        follow(gapped(path, portrait, 20 * "."))


def test_each_setting_takes_its_part_and_a_file_is_read_once(
    moving: Path,
    resting: Path,
    found: guide.Floats,
    model: Model,
    weights: WeightStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[Path] = []

    def follow(path: Path, *_: object) -> guide.Floats:
        read.append(path)
        return found if path == moving else found + 1

    monkeypatch.setattr(guide, "follow", follow)

    def guided(**videos: Path) -> Guide:
        return guide.read(weights, SadTalkerSettings.model_validate(videos), model)

    both = guided(pose_video=moving, expression_video=moving)
    assert read == [moving]
    two = guided(pose_video=moving, expression_video=resting)
    np.testing.assert_array_equal(np.asarray(both.poses), found[:, 64:])
    np.testing.assert_array_equal(np.asarray(both.expressions), found[:, :64])
    np.testing.assert_array_equal(np.asarray(two.expressions), found[:, :64] + 1)
    pose, expression = guided(pose_video=moving), guided(expression_video=moving)
    assert (pose.expressions, expression.poses) == (None, None)
    assert guided() is NO_GUIDE
    assert len({each.name for each in (both, two, pose, expression, NO_GUIDE)}) == 5


@pytest.fixture(scope="module")
def follower(moving: Path, weights: WeightStore) -> SmallSadTalker:
    return SmallSadTalker.create(weights, SadTalkerSettings(pose_video=moving, expression_video=moving))


def motion(engine: SmallSadTalker, portrait: AnalysedPortrait) -> guide.Floats:
    """Coefficients of each frame of a film, (frames, 70)."""
    session = engine.open(portrait, ASKED)
    assert session._film is not None
    return np.stack([window[:, REACH] for window in windows(session._film.track, SPEECH)])


def test_films_follow_the_video(
    follower: SmallSadTalker, engine: SmallSadTalker, portrait: AnalysedPortrait, found: guide.Floats
) -> None:
    guided, unguided = motion(follower, portrait), motion(engine, portrait)
    followed = found[np.arange(len(guided)) % len(TURNS), 64:] - found[0, 64:]
    np.testing.assert_allclose(guided[:, 64:] - unguided[:, 64:], followed, atol=1e-7)
    assert np.ptp(followed, axis=0).min() > 1e-5
    assert (guided[:, :64] != unguided[:, :64]).any(axis=1).all()


def test_films_go_on_under_their_own_video_only(
    follower: SmallSadTalker, engine: SmallSadTalker, portrait: AnalysedPortrait
) -> None:
    whole = film(follower, portrait)
    asked = replace(ASKED, checkpoint=whole[5].checkpoint)
    assert film(follower, portrait, asked) == whole[6:]
    with pytest.raises(InvalidArgument, match="does not belong"):
        engine.open(portrait, asked)
    with pytest.raises(InvalidArgument, match="does not belong"):
        follower.open(portrait, replace(ASKED, checkpoint=film(engine, portrait)[5].checkpoint))


def test_videos_are_looked_at_before_any_film(tmp_path: Path, weights: WeightStore) -> None:
    for setting in ("pose_video", "expression_video"):
        settings = SadTalkerSettings.model_validate({setting: tmp_path / "clip.mp4"})
        with pytest.raises(FailedPrecondition, match=re.escape(str(tmp_path / "clip.mp4"))):
            SadTalkerEngine.create(weights, settings)
        infos = {info.name: info for info in EngineRegistry(weights, settings={"sadtalker": settings}).infos()}
        assert "is not there. Put it there, or set pose_video" in infos["sadtalker"].unavailable_reason


def test_a_video_that_fails_later_is_read_again_until_it_can_be_used(
    tmp_path: Path, weights: WeightStore, portrait: AnalysedPortrait, resting: Path
) -> None:
    path = gapped(tmp_path / "clip.avi", portrait, 20 * ".")
    registry = EngineRegistry(weights, SMALL_ENGINES, {"sadtalker": SadTalkerSettings(pose_video=path)})
    with pytest.raises(FailedPrecondition, match="shows no face") as refused:
        registry.engine("sadtalker").open(portrait, ASKED)
    assert refused.value.reason is Reason.ENGINE_UNAVAILABLE
    path.write_bytes(resting.read_bytes())
    registry.engine("sadtalker").open(portrait, ASKED).close()
    path.unlink()
    registry.engine("sadtalker").open(portrait, ASKED).close()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIKENESS_ANIMATOR_SADTALKER__POSE_VIDEO", "/videos/nod.mp4")
    assert Settings().sadtalker.pose_video == Path("/videos/nod.mp4")
    monkeypatch.setenv("LIKENESS_ANIMATOR_SADTALKER__STILL", "true")
    with pytest.raises(InvalidSettings, match="still keeps the head") as refused:
        read_settings(Settings)
    assert refused.value.field == "LIKENESS_ANIMATOR_SADTALKER__POSE_VIDEO"


def test_nothing_of_a_video_is_decoded_to_look_at_it(resting: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "_decoded", lambda _: pytest.fail("decoded"))
    guide.check(SadTalkerSettings(pose_video=resting))
