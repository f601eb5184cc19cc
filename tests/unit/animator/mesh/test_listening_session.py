# ruff: noqa: RUF001 - IPA letters look like Latin ones.
"""Sessions without phoneme marks, or with marks for a part only."""

import dataclasses

import pytest

from likeness_animator.engines.mesh.engine import MeshEngine
from likeness_animator.engines.mesh.listening.mel import Floats
from likeness_animator.engines.mesh.listening.network import Network, Weights
from likeness_animator.engines.mesh.pose import Pose
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import AudioFormat, Mark, VideoFormat
from likeness_common.stages.animator import AnimationOptions
from likeness_tts.voices.espeak.library import Prosody
from training import voices

from .speech import RATE, babble, marks_of, push_all, split

pytestmark = pytest.mark.unit

VIDEO = VideoFormat(64, 64)
OPTIONS = AnimationOptions(VIDEO, audio=AudioFormat(RATE), seed=3)
PCM = babble(2.6)
SPEECH = voices.espeak("Papa may go home now.", "gmw/en-US", Prosody()).pcm.tobytes()
MARKS = marks_of([("m", 80), ("ˈaɪ", 160), ("p", 60), ("iː", 120), ("", 250), ("f", 90), ("uː", 140), ("ʒ", 100)])
MARKS_AGAIN = MARKS + marks_of([("ˈaʊ", 220), ("b", 80), ("ɑː", 200)], 1700)
ALL_MARKS = [mark for start in (0, 1000, 2000) for mark in marks_of([("b", 200), ("a", 800)], start)]


@pytest.mark.parametrize("marks", [[], MARKS_AGAIN], ids=["no marks", "marks that end and begin again"])
@pytest.mark.parametrize("from_beginning", [True, False])
def test_every_checkpoint_continues_identically(
    engine: MeshEngine, portrait: AnalysedPortrait, marks: list[Mark], from_beginning: bool
) -> None:
    batches = list(push_all(engine.open(portrait, OPTIONS), PCM, marks, 777))
    frames = split(batches, VIDEO)
    for batch in batches[1::4]:
        options = dataclasses.replace(OPTIONS, checkpoint=batch.checkpoint)
        start = 0 if from_beginning else VIDEO.frame_start_sample(batch.end_frame, RATE)
        rest = list(push_all(engine.open(portrait, options), PCM, marks, 1000, start))
        assert split(rest, VIDEO) == frames[batch.end_frame :]
        assert len(batch.checkpoint) < 16 * 1024


@pytest.mark.parametrize("chunk", [241, 5000])
def test_chunking_does_not_change_frames_when_marks_end_and_begin_again(
    engine: MeshEngine, portrait: AnalysedPortrait, chunk: int
) -> None:
    expected = split(list(push_all(engine.open(portrait, OPTIONS), PCM, MARKS_AGAIN, 480)), VIDEO)
    assert split(list(push_all(engine.open(portrait, OPTIONS), PCM, MARKS_AGAIN, chunk)), VIDEO) == expected


def test_marks_cost_no_listening(
    engine: MeshEngine, portrait: AnalysedPortrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Floats] = []
    step = Network.step

    def watched(self: Network, features: Floats, state: Floats) -> tuple[Weights, Floats]:
        heard.append(features)
        return step(self, features, state)

    monkeypatch.setattr(Network, "step", watched)
    list(push_all(engine.open(portrait, OPTIONS), PCM, ALL_MARKS, 480))
    assert not heard
    list(push_all(engine.open(portrait, OPTIONS), PCM[: 2 * RATE], [], 480))
    assert len(heard) >= 100


def test_the_sound_alone_moves_the_mouth_and_silence_does_not(
    engine: MeshEngine, portrait: AnalysedPortrait, monkeypatch: pytest.MonkeyPatch
) -> None:
    poses: list[Pose] = []

    def posed(_: Puppet, pose: Pose, *__: object) -> bytes:
        poses.append(pose)
        return bytes(VIDEO.frame_bytes)

    monkeypatch.setattr(Puppet, "frame", posed)
    list(push_all(engine.open(portrait, OPTIONS), SPEECH, [], 480))
    assert max(pose.mouth.lower for pose in poses) > 0.2
    poses.clear()
    list(push_all(engine.open(portrait, OPTIONS), bytes(len(PCM)), [], 480))
    assert not any(pose.mouth.lower for pose in poses)
