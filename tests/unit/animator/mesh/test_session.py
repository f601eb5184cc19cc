# ruff: noqa: RUF001 - IPA letters look like Latin ones.
import dataclasses
from collections.abc import Sequence

import pytest

from likeness_animator.engines.mesh.engine import MeshEngine
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import AudioChunk, AudioFormat, FrameBatch, Mark, PixelFormat, VideoFormat
from likeness_common.stages.animator import AnimationOptions

from .speech import RATE, babble, marks_of, push_all, split

pytestmark = pytest.mark.unit

VIDEO = VideoFormat(128, 128)
OPTIONS = AnimationOptions(VIDEO, audio=AudioFormat(RATE), seed=3)
MARKS = marks_of([("m", 80), ("ˈaɪ", 160), ("p", 60), ("iː", 120), ("", 250), ("f", 90), ("uː", 140), ("ʒ", 100)])
PCM = babble(1.13)


def render(
    engine: MeshEngine,
    portrait: AnalysedPortrait,
    options: AnimationOptions = OPTIONS,
    chunk: int = 480,
    marks: Sequence[Mark] = MARKS,
    pcm: bytes = PCM,
    start_sample: int = 0,
) -> list[FrameBatch]:
    session = engine.open(portrait, options)
    batches = list(push_all(session, pcm, marks, chunk, start_sample))
    session.close()
    return batches


def test_frames_cover_the_audio_and_follow_each_other(engine: MeshEngine, portrait: AnalysedPortrait) -> None:
    batches = render(engine, portrait)
    assert sum(batch.count for batch in batches) == VIDEO.frames_covering(len(PCM) // 2, RATE)
    position = 0
    for batch in batches:
        assert batch.first_frame == position
        assert len(batch.data) == batch.count * VIDEO.frame_bytes
        position = batch.end_frame


@pytest.mark.parametrize("chunk", [1, 333, 2400, 10**6])
@pytest.mark.parametrize("marks", [MARKS[:3], []], ids=["marks", "audio alone"])
def test_chunking_does_not_change_frames(
    engine: MeshEngine, portrait: AnalysedPortrait, chunk: int, marks: list[Mark]
) -> None:
    pcm = PCM[:12000]
    expected = split(render(engine, portrait, pcm=pcm, marks=marks), VIDEO)
    assert split(render(engine, portrait, pcm=pcm, marks=marks, chunk=chunk), VIDEO) == expected


def test_same_seed_same_bytes_and_another_seed_another_film(engine: MeshEngine, portrait: AnalysedPortrait) -> None:
    first = split(render(engine, portrait), VIDEO)
    assert split(render(engine, portrait), VIDEO) == first
    other = dataclasses.replace(OPTIONS, seed=4)
    assert split(render(engine, portrait, other), VIDEO) != first


@pytest.mark.parametrize("from_beginning", [True, False])
def test_every_checkpoint_continues_identically(
    engine: MeshEngine, portrait: AnalysedPortrait, from_beginning: bool
) -> None:
    batches = render(engine, portrait)
    frames = split(batches, VIDEO)
    for batch in batches[::3]:
        assert len(batch.checkpoint) <= 64 * 1024
        options = dataclasses.replace(OPTIONS, checkpoint=batch.checkpoint)
        assert engine.open(portrait, options).first_frame == batch.end_frame
        start = 0 if from_beginning else VIDEO.frame_start_sample(batch.end_frame, RATE)
        rest = render(engine, portrait, options, start_sample=start)
        assert split(rest, VIDEO) == frames[batch.end_frame :]


def test_checkpoints_do_not_depend_on_chunking(engine: MeshEngine, portrait: AnalysedPortrait) -> None:
    last = [render(engine, portrait, chunk=chunk)[-1].checkpoint for chunk in (480, 1000)]
    assert last[0] == last[1]


def test_frames_come_as_soon_as_the_lookahead_is_heard(engine: MeshEngine, portrait: AnalysedPortrait) -> None:
    session = engine.open(portrait, OPTIONS)
    needed = VIDEO.frame_start_sample(1, RATE) + engine.info.lookahead_ms * RATE // 1000
    assert list(session.push(AudioChunk(0, 0, bytes(2 * (needed - 1))))) == []
    assert [batch.count for batch in session.push(AudioChunk(1, needed - 1, bytes(2)))] == [1]


def test_no_speech_gives_one_frame(engine: MeshEngine, portrait: AnalysedPortrait) -> None:
    session = engine.open(portrait, OPTIONS)
    assert [batch.count for batch in session.finish()] == [1]


def test_closed_sessions_draw_nothing(engine: MeshEngine, portrait: AnalysedPortrait) -> None:
    session = engine.open(portrait, OPTIONS)
    pending = session.push(AudioChunk(0, 0, PCM))
    next(pending)
    session.close()
    session.close()
    assert list(pending) == []


def test_large_frames_stay_within_a_message(engine: MeshEngine, portrait: AnalysedPortrait) -> None:
    video = VideoFormat(1080, 1080, pixel_format=PixelFormat.RGB24)
    options = dataclasses.replace(OPTIONS, video=video)
    batches = render(engine, portrait, options, pcm=PCM[:9600], marks=[])
    assert {batch.count for batch in batches} == {1}


def test_buffers_are_bounded_however_long_the_speech(
    engine: MeshEngine, portrait: AnalysedPortrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("likeness_animator.engines.mesh.puppet.Puppet.frame", lambda *_: bytes(VIDEO.frame_bytes))
    session = engine.open(portrait, OPTIONS)
    second = babble(1.0)
    sizes = []
    for index in range(120):
        start = index * RATE
        for mark in marks_of([("b", 100), ("a", 200)] * 3, start_ms=1000 * index):
            list(session.push(mark))
        batches = list(session.push(AudioChunk(index, start, second)))
        sizes.append(len(batches[-1].checkpoint))
        track = session._track
        assert len(track._spoken) < 30
        assert len(track._loudness) < 500
        assert len(track._rest) < RATE // 20
    assert max(sizes) < 8192


def test_audio_with_a_gap_is_refused(engine: MeshEngine, portrait: AnalysedPortrait) -> None:
    session = engine.open(portrait, OPTIONS)
    with pytest.raises(InvalidArgument) as caught:
        session.push(AudioChunk(0, 10, PCM))
    assert caught.value.field == "audio.start_sample"


@pytest.mark.parametrize("checkpoint", [b"x", b"{}", b"[]", b'{"version":2,"format":[25,24000,99],"next":1}'])
def test_foreign_checkpoints_are_refused(engine: MeshEngine, portrait: AnalysedPortrait, checkpoint: bytes) -> None:
    with pytest.raises(InvalidArgument) as caught:
        engine.open(portrait, dataclasses.replace(OPTIONS, checkpoint=checkpoint))
    assert caught.value.reason is Reason.FIELD_INVALID
    assert caught.value.field == "checkpoint"


@pytest.mark.parametrize(
    ("video", "field"),
    [
        (VideoFormat(127, 128), "video.width"),
        (VideoFormat(128, 62), "video.height"),
        (VideoFormat(1920, 1920), "video.width"),
        (VideoFormat(128, 128, fps=9), "video.fps"),
    ],
)
def test_impossible_formats_are_refused(
    engine: MeshEngine, portrait: AnalysedPortrait, video: VideoFormat, field: str
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        engine.open(portrait, dataclasses.replace(OPTIONS, video=video))
    assert caught.value.field == field


def test_puppets_are_shared_and_bounded(portrait: AnalysedPortrait) -> None:
    engine = MeshEngine(cached_puppets=2)
    sessions = [
        engine.open(portrait, dataclasses.replace(OPTIONS, video=VideoFormat(side, side)))
        for side in (64, 96, 128, 128)
    ]
    assert sessions[2]._puppet is sessions[3]._puppet
    assert len(engine._puppets) == 2
