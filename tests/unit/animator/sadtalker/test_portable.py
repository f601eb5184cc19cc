"""The portable graphs compute what the plain ones do."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from likeness_animator.engines.sadtalker.networks.blocks import Down3d, Up3d
from likeness_animator.engines.sadtalker.networks.dense_motion import sparse_motions, warp
from likeness_animator.engines.sadtalker.networks.grids import voxels
from likeness_animator.engines.sadtalker.portable import portable, sample, shift
from tests.unit.animator.sadtalker import stand_in

pytestmark = pytest.mark.unit


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.mark.parametrize("graph", ["source", "frame"])
@torch.no_grad()
def test_graphs_agree(graph: str) -> None:
    case = stand_in.graph(graph)
    plain, rewritten = case.module(*case.inputs.values()), case.portable(*case.inputs.values())
    torch.testing.assert_close(rewritten, plain, rtol=0, atol=2e-5)


def test_weights_are_shared() -> None:
    case = stand_in.graph("frame")
    plain, rewritten = dict(case.module.named_parameters()), dict(case.portable.named_parameters())
    assert plain.keys() == rewritten.keys()
    assert all(plain[name] is rewritten[name] for name in plain)


def test_the_plain_graph_stays_plain() -> None:
    block = Up3d(2, 3)
    assert type(portable(block)) is not Up3d
    assert type(block) is Up3d


@pytest.mark.parametrize("block", [Up3d(2, 3), Down3d(2, 3)])
@torch.no_grad()
def test_volumes_change_their_size_as_pictures_do(block: torch.nn.Module) -> None:
    volume = random(1, 2, 3, 4, 6)
    torch.testing.assert_close(portable(block.eval())(volume), block(volume))


def test_a_volume_moves_as_trilinear_lookup_moves_it() -> None:
    volume, source, driving = random(2, 4, 6, 8), random(1, 15, 3, seed=1), random(1, 15, 3, seed=2)
    motions = sparse_motions(voxels((4, 6, 8), like=volume), source, driving)[0]
    shifts = functional.pad(source - driving, (0, 0, 1, 0))[0]
    torch.testing.assert_close(shift(volume, shifts), warp(volume.expand(16, -1, -1, -1, -1), motions))


def test_places_are_looked_up_layer_by_layer() -> None:
    volume, places = random(1, 3, 4, 6, 8), random(1, 4, 5, 7, 3, seed=1) * 1.5
    torch.testing.assert_close(sample(volume, places), warp(volume, places))
