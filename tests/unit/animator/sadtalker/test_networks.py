"""Networks of reduced size have the structure of the official ones."""

import pytest
import torch

from likeness_animator.engines.sadtalker.graphs import FrameGraph, KeypointGraph, SourceGraph
from likeness_animator.engines.sadtalker.networks.config import OFFICIAL
from tests.parity.sadtalker.golden import SMALL_SIDE, empty, small

pytestmark = pytest.mark.unit

NETWORKS = ["audio2exp", "audio2pose", "face_3drecon", "generator", "kp_detector", "mapping", "mapping_full"]


def random(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.mark.parametrize("name", NETWORKS)
def test_reduced_networks_have_official_names(name: str) -> None:
    reduced, official = small(name).state_dict(), empty(name).state_dict()
    assert reduced.keys() <= official.keys()
    for key, value in reduced.items():
        assert value.dim() == official[key].dim()
        assert value.numel() <= official[key].numel()


def test_all_sizes_are_reduced() -> None:
    reduced = OFFICIAL.reduced(64)
    assert reduced.detector_up == (16, 8, 4, 2, 2, 2)
    assert (reduced.encoder_blocks, reduced.depth, reduced.decoder) == (2, 2, 8)


@torch.inference_mode()
def test_frames_of_a_batch_do_not_depend_on_each_other() -> None:
    features, canonical = SourceGraph(small("generator"), small("kp_detector"))(random(1, 3, SMALL_SIDE, SMALL_SIDE))
    move, draw = KeypointGraph(small("mapping")), FrameGraph(small("generator"))
    source, *driving = (move(random(1, 70, 27) * scale, canonical) for scale in (1.0, 2.0, 3.0))
    frames = draw(features, source, torch.cat(driving))
    assert frames.shape == (2, 3, SMALL_SIDE, SMALL_SIDE)
    assert 0 <= frames.min() < frames.max() <= 1
    assert (frames[0] - frames[1]).abs().mean() > 1e-3
    for frame, keypoints in zip(frames, driving, strict=True):
        torch.testing.assert_close(frame, draw(features, source, keypoints)[0], rtol=0, atol=1e-4)
