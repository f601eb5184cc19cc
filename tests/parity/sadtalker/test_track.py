"""Poses of whole clips, as a film's coefficients hold them, against the reference implementation."""

from typing import Any

import numpy as np
import pytest
import torch

from likeness_animator.engines.sadtalker import chance, hearing, smoothing
from likeness_animator.engines.sadtalker.graphs import PoseGraph, SpeechGraph
from likeness_animator.engines.sadtalker.model import Model
from likeness_animator.engines.sadtalker.networks.pose import FRAMES
from likeness_animator.engines.sadtalker.options import Options
from likeness_animator.engines.sadtalker.source import Preparation
from likeness_animator.engines.sadtalker.track import REACH, CoefficientTrack, Moment

from .golden import arrays, assert_close, network

pytestmark = pytest.mark.parity

POSE = slice(64, 70)


class StoredEar:
    """Has heard the stored windows of sound."""

    def __init__(self, count: int) -> None:
        self.count = count

    def windows(self, group: int) -> Any:
        frames = hearing.group_frames(group)
        return arrays("audio2pose")["indiv_mels"][0, frames.start : min(frames.stop, self.count)]


class TorchModel(Model):
    """The graphs of motion with stand-in weights."""

    def __init__(self) -> None:
        self._speech = SpeechGraph(network("audio2exp"), network("audio2pose"))
        self._pose = PoseGraph(network("audio2pose"))

    @torch.inference_mode()
    def speech(self, mel: Any, reference: Any, blink: Any) -> Any:
        found = self._speech(*(torch.from_numpy(array) for array in (mel, reference, blink)))
        return tuple(value.numpy() for value in found)

    @torch.inference_mode()
    def pose(self, heard: Any, reference: Any, latent: Any, style: int) -> Any:
        inputs = (torch.from_numpy(array)[None] for array in (heard, reference, latent))
        return self._pose(*inputs, torch.tensor([style]))[0].numpy()


def poses(monkeypatch: pytest.MonkeyPatch, count: int) -> Any:
    """Poses of the first frames of the stored sound, (1, count, 6)."""
    stored = arrays("audio2pose")
    # The reference draws for whole chunks and for the rest; the data hold one draw for each.
    latents = stored["z"][:, 0] if count > FRAMES else stored["z"][1:, 0]
    monkeypatch.setattr(hearing, "Ear", lambda _rate: StoredEar(count))
    monkeypatch.setattr(chance, "normal", lambda _seed, _purpose, index, _count: latents[index])
    options = Options(256, Preparation.CROP, style=int(stored["class_id"]))
    track = CoefficientTrack(TorchModel(), stored["ref"][0, 0], options, seed=0, rate=16_000)
    windows = [track.window(Moment.of(frame, 25)) for frame in range(count)]
    return np.stack([window[POSE, REACH] for window in windows])[None]


@pytest.mark.parametrize(("count", "expected"), [(40, "pose_pred_smoothed"), (10, "short10_smoothed")])
def test_poses(monkeypatch: pytest.MonkeyPatch, count: int, expected: str) -> None:
    assert_close(poses(monkeypatch, count), expected, "audio2pose")


@pytest.mark.parametrize(("count", "expected"), [(40, "pose_pred"), (10, "short10_pose_pred")])
def test_poses_that_are_not_smoothed(monkeypatch: pytest.MonkeyPatch, count: int, expected: str) -> None:
    monkeypatch.setattr(smoothing, "at", lambda values, frame, first, _count: values[frame - first])
    assert_close(poses(monkeypatch, count), expected, "audio2pose")
