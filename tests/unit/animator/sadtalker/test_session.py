"""Films by SadTalker at a reduced size."""

import gc
import json
import weakref
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from likeness_animator.engines.sadtalker.engine import SadTalkerEngine
from likeness_animator.engines.sadtalker.model import Floats, Model
from likeness_animator.engines.sadtalker.options import Options, SadTalkerSettings
from likeness_animator.engines.sadtalker.source import Preparation
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_animator.registry import EngineRegistry
from likeness_common.errors import Cancelled, FailedPrecondition, InvalidArgument
from likeness_common.media import Acting, AudioChunk, AudioFormat, FrameBatch, Framing, PixelFormat, VideoFormat
from likeness_common.stages.animator import AnimationOptions
from likeness_common.weights import WeightStore
from tests.fakes.sadtalker import SmallSadTalker

from .motion import chunks, speech

pytestmark = pytest.mark.unit

RATE = 24_000
VIDEO = VideoFormat(64, 64)
ASKED = AnimationOptions(VIDEO, "sadtalker", audio=AudioFormat(RATE), seed=3)
SPEECH = speech(0.52)


def film(
    engine: SadTalkerEngine,
    portrait: AnalysedPortrait,
    asked: AnimationOptions = ASKED,
    pcm: bytes = SPEECH,
    sizes: Iterable[int] = (),
    start: int = 0,
) -> list[FrameBatch]:
    session = engine.open(portrait, asked)
    batches = [batch for chunk in chunks(pcm, sizes, start) for batch in session.push(chunk)]
    batches += session.finish()
    session.close()
    return batches


def frames(batches: Iterable[FrameBatch]) -> list[bytes]:
    return [batch.data for batch in batches]


@pytest.fixture(scope="module")
def whole(engine: SmallSadTalker, portrait: AnalysedPortrait) -> list[FrameBatch]:
    return film(engine, portrait)


def test_frames_follow_each_other_and_differ(whole: list[FrameBatch]) -> None:
    assert [(batch.first_frame, batch.count) for batch in whole] == [(frame, 1) for frame in range(13)]
    assert {len(batch.data) for batch in whole} == {VIDEO.frame_bytes}
    assert len(set(frames(whole))) == 13


def test_chunks_change_neither_frames_nor_checkpoints(
    engine: SmallSadTalker, portrait: AnalysedPortrait, whole: list[FrameBatch]
) -> None:
    assert film(engine, portrait, sizes=[1, 999, 7, 3000, 480]) == whole


def test_checkpoints_are_small_and_continue_the_film(
    engine: SmallSadTalker, portrait: AnalysedPortrait, whole: list[FrameBatch]
) -> None:
    assert max(len(batch.checkpoint) for batch in whole) < 16 * 1024
    for frame, from_beginning in ((9, False), (10, True), (12, False)):
        asked = replace(ASKED, checkpoint=whole[frame].checkpoint)
        assert engine.open(portrait, asked).first_frame == frame + 1
        start = 0 if from_beginning else VIDEO.frame_start_sample(frame + 1, RATE)
        assert film(engine, portrait, asked, start=start) == whole[frame + 1 :]


def test_streamed_frames_come_before_the_end_and_are_those_of_the_whole(
    engine: SmallSadTalker, portrait: AnalysedPortrait
) -> None:
    long = speech(2.0)
    session = engine.open(portrait, ASKED)
    early = list(session.push(AudioChunk(0, 0, long[: 2 * 36_000])))
    assert len(early) == 14
    session.push(AudioChunk(1, 36_000, long[2 * 36_000 :]))
    restarted = replace(ASKED, checkpoint=early[-2].checkpoint)
    again = engine.open(portrait, restarted)
    assert next(again.push(AudioChunk(0, 0, long))) == early[-1]


@pytest.mark.parametrize(("fps", "count"), [(10, 3), (30, 7), (60, 13)])
def test_any_frame_rate_is_drawn(engine: SmallSadTalker, portrait: AnalysedPortrait, fps: int, count: int) -> None:
    video = VideoFormat(96, 64, fps, PixelFormat.RGB24)
    asked, short = replace(ASKED, video=video), speech(0.21)
    found = film(engine, portrait, asked, short)
    assert len(found) == count
    assert {len(batch.data) for batch in found} == {video.frame_bytes}
    middle = found[count // 2]
    start = video.frame_start_sample(middle.end_frame, RATE)
    rest = film(engine, portrait, replace(asked, checkpoint=middle.checkpoint), short, start=start)
    assert rest == found[middle.end_frame :]


def test_full_framing_draws_with_the_network_that_is_told_the_crop(
    engine: SmallSadTalker, portrait: AnalysedPortrait
) -> None:
    session = engine.open(portrait, replace(ASKED, framing=Framing.FULL))
    assert len(list(session.finish())) == 1
    assert Options.of(SadTalkerSettings(), 128, Acting(), Framing.FULL).crop_told


def test_no_speech_gives_one_frame(engine: SmallSadTalker, portrait: AnalysedPortrait) -> None:
    assert len(list(engine.open(portrait, ASKED).finish())) == 1


def test_closed_sessions_draw_nothing_and_hold_nothing(engine: SmallSadTalker, portrait: AnalysedPortrait) -> None:
    session = engine.open(portrait, ASKED)
    list(session.push(AudioChunk(0, 0, SPEECH)))
    pending = session.finish()
    next(pending)
    assert session._film is not None
    track = weakref.ref(session._film.track)
    session.close()
    session.close()
    assert list(pending) == []
    assert list(session.push(AudioChunk(0, 0, SPEECH))) == []
    gc.collect()
    assert track() is None


def test_a_frame_under_way_is_given_up_and_no_other_film_is(
    engine: SmallSadTalker, portrait: AnalysedPortrait, whole: list[FrameBatch], monkeypatch: pytest.MonkeyPatch
) -> None:
    left, other = engine.open(portrait, ASKED), engine.open(portrait, ASKED)
    list(left.push(AudioChunk(0, 0, SPEECH)))
    pending = left.finish()
    next(pending)
    keypoints = Model.keypoints

    def keypoints_and_stop(model: Model, *inputs: Floats) -> Floats:
        left.stop()
        return keypoints(model, *inputs)

    with monkeypatch.context() as patched:
        patched.setattr(Model, "keypoints", keypoints_and_stop)
        with pytest.raises(Cancelled):
            next(pending)
    left.close()
    list(other.push(AudioChunk(0, 0, SPEECH)))
    assert list(other.finish()) == whole


def test_audio_with_a_gap_is_refused(engine: SmallSadTalker, portrait: AnalysedPortrait) -> None:
    with pytest.raises(InvalidArgument) as refused:
        engine.open(portrait, ASKED).push(AudioChunk(0, 10, SPEECH))
    assert refused.value.field == "audio.start_sample"


def test_foreign_checkpoints_are_refused(
    engine: SmallSadTalker, portrait: AnalysedPortrait, whole: list[FrameBatch]
) -> None:
    state = json.loads(whole[3].checkpoint)
    moved = {"expressions": [4, state["expressions"][1]], "poses": [0, ""], "heard": [0, "AAAA"]}
    wrong = [*moved.items(), ("next", 40), ("next", 0), ("next", -3), ("next", 1e300), ("next", "x")]
    damaged = [json.dumps(state | {name: value}).encode() for name, value in wrong]
    for checkpoint in (b"x", b"{}", b"[]", b"null", whole[3].checkpoint[:-1], *damaged):
        with pytest.raises(InvalidArgument) as refused:
            engine.open(portrait, replace(ASKED, checkpoint=checkpoint))
        assert refused.value.field == "checkpoint"
    for other in (replace(ASKED, seed=4), replace(ASKED, acting=Acting(intensity=0.5))):
        with pytest.raises(InvalidArgument, match="does not belong"):
            engine.open(portrait, replace(other, checkpoint=whole[3].checkpoint))


def test_intensity_moves_head_and_face_but_lips_always_speak() -> None:
    calm, usual, strong = (
        Options.of(SadTalkerSettings(), 256, Acting(intensity=intensity), Framing.AUTO) for intensity in (0, 1, 2)
    )
    assert (usual.expression_scale, usual.motion_scale) == (1.0, 1.0)
    assert (calm.motion_scale, strong.motion_scale) == (0.0, 2.0)
    assert 0.5 < calm.expression_scale < 1.0 < strong.expression_scale


def test_settings_of_the_service_reach_the_film() -> None:
    settings = SadTalkerSettings(pose_style=7, still=True, whole_photo=True, exact=True, exact_limit_s=9)
    chosen = Options.of(settings, 512, Acting(), Framing.AUTO)
    assert (chosen.style, chosen.still, chosen.exact_limit_s) == (7, True, 9)
    assert chosen.preparation is Preparation.RESIZE


def test_exact_engines_say_that_they_wait() -> None:
    info = SmallSadTalker(SadTalkerSettings(exact=True, exact_limit_s=30)).info
    assert (info.streaming, info.lookahead_ms) == (False, 30_000)
    assert SmallSadTalker().info.streaming


def test_missing_weights_bundles_and_packages_name_their_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portrait: AnalysedPortrait
) -> None:
    store = WeightStore(tmp_path)
    with pytest.raises(FailedPrecondition, match="likeness models pull sadtalker"):
        EngineRegistry(store).engine("sadtalker")
    with pytest.raises(FailedPrecondition, match="likeness models pull sadtalker-512"):
        EngineRegistry(store, settings={"sadtalker": SadTalkerSettings(size=512)}).engine("sadtalker")
    with pytest.raises(FailedPrecondition, match="likeness models pull sadtalker"):
        SadTalkerEngine.create(store, None).open(portrait, ASKED)
    with pytest.raises(FailedPrecondition, match="likeness export"):
        EngineRegistry(store, settings={"sadtalker": SadTalkerSettings(bundle=tmp_path)}).engine("sadtalker")
    monkeypatch.setattr("likeness_animator.engines.sadtalker.engine.PACKAGES", ("likeness_no_such_package",))
    with pytest.raises(FailedPrecondition, match=r"likeness-animator\[sadtalker\]"):
        EngineRegistry(store).engine("sadtalker")
