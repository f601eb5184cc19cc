"""Every rewrite gives what the plain form gives, and the whole frame graph too."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from likeness_animator.engines.sadtalker.fast import motion, winograd
from likeness_animator.engines.sadtalker.fast.generator import FastGenerator
from likeness_animator.engines.sadtalker.fast.toom import FOUR_OF_FOUR, FOUR_OF_THREE, Toom, Transform
from likeness_animator.engines.sadtalker.fast.upsampled import Enlarged, Upsampled, spread
from likeness_animator.engines.sadtalker.fast.wide import Wide
from likeness_animator.engines.sadtalker.fast.winograd import TILE, Framed, Winograd
from likeness_animator.engines.sadtalker.graphs import FrameGraph, SourceGraph
from likeness_animator.engines.sadtalker.networks import dense_motion
from likeness_animator.engines.sadtalker.networks.grids import voxels
from tests.parity.sadtalker.golden import SMALL_SIDE, small

pytestmark = pytest.mark.unit

TOLERANCE = 1e-4
channels, sizes, depths = st.integers(1, 9), st.integers(1, 13), st.sampled_from([1, 3])


def random(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def channels_last(x: Tensor) -> Tensor:
    return x[0].permute(1, 2, 3, 0).contiguous()


def plain(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """The convolution with zero padding, of (1, in, D, H, W), channels last."""
    padding = tuple(size // 2 for size in weight.shape[2:])
    return channels_last(functional.conv3d(x, weight, bias, padding=padding))


def same(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=0, atol=TOLERANCE * max(1.0, float(expected.abs().max())))


@pytest.mark.parametrize("toom", [FOUR_OF_THREE, FOUR_OF_FOUR])
def test_toom_correlates(toom: Toom) -> None:
    values, taps = np.arange(toom.size) ** 2.0, np.arange(toom.taps) - 1.5
    found = toom.results() @ ((toom.kernels() @ taps) * (toom.inputs() @ values))
    np.testing.assert_allclose(found, np.correlate(values, taps, "valid"), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("toom", [FOUR_OF_THREE, FOUR_OF_FOUR])
def test_transforms_multiply_by_their_matrix(toom: Toom) -> None:
    x = random(toom.size, 3).double()
    out, sums = torch.empty_like(x), x.new_empty(Transform.temporaries, 3)
    Transform(toom)(x.unbind(), out.unbind(), sums.unbind())
    torch.testing.assert_close(out, torch.from_numpy(toom.inputs().copy()) @ x)


@settings(deadline=None, max_examples=25)
@given(channels, channels, depths, st.integers(1, 5), sizes, sizes)
def test_winograd(inputs: int, outputs: int, taps: int, depth: int, height: int, width: int) -> None:
    x, weight, bias = random(1, inputs, depth, height, width), random(outputs, inputs, taps, 3, 3), random(outputs)
    same(Winograd(weight, bias).same(channels_last(x)), plain(x, weight, bias))


def test_winograd_of_many_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winograd, "_WIDTH", 4)
    x, weight, bias = random(1, 3, 3, 8, 8), random(9, 3, 3, 3, 3), random(9)
    same(Winograd(weight, bias).same(channels_last(x)), plain(x, weight, bias))


def test_winograd_in_several_strips() -> None:
    x, weight, bias = random(1, 3, 1, 88, 64), random(4, 3, 1, 3, 3), random(4)
    source = Framed(functional.pad(channels_last(x), (0, 0, 1, 1, 1, 1)))
    strips = [strip.clone() for _, strip in Winograd(weight, bias).strips(source)]
    assert [strip.shape[1] for strip in strips] == [64, 24]
    same(torch.cat(strips, dim=1), plain(x, weight, bias))


@settings(deadline=None, max_examples=25)
@given(channels, channels, depths, st.sampled_from([2, 4]), st.integers(1, 4), sizes, sizes)
def test_upsampled(inputs: int, outputs: int, taps: int, factor: int, depth: int, height: int, width: int) -> None:
    x, weight, bias = random(1, inputs, depth, height, width), random(outputs, inputs, taps, 3, 3), random(outputs)
    out = torch.empty(depth, factor * height, factor * width, outputs)
    spread(Upsampled(weight, bias, factor)(channels_last(x)), factor, out)
    same(out, plain(functional.interpolate(x, scale_factor=(1, factor, factor)), weight, bias))


@settings(deadline=None, max_examples=25)
@given(channels, channels, st.sampled_from([2, 4]), st.integers(1, 4), st.integers(1, 4))
def test_winograd_of_copies(inputs: int, outputs: int, factor: int, down: int, across: int) -> None:
    ends, height, width = min(factor, 3), TILE * down // factor, TILE * across // factor
    copies, weight, bias = (
        random(ends, ends, 1, height, width, inputs),
        random(outputs, inputs, 1, 3, 3),
        random(outputs),
    )
    large = torch.empty(1, TILE * down, TILE * across, inputs)
    spread(copies, factor, large)
    found = Winograd(weight, bias)(Enlarged(functional.pad(copies, (0, 0, 1, 1, 1, 1)), factor))
    same(found, plain(large.permute(3, 0, 1, 2)[None], weight, bias))


@settings(deadline=None, max_examples=15)
@given(channels, channels, st.integers(1, 8), st.integers(1, 6), st.integers(1, 3))
def test_wide(inputs: int, outputs: int, depth: int, down: int, across: int) -> None:
    x, weight, bias = random(1, inputs, depth, 4 * down, 4 * across), random(outputs, inputs, 7, 7, 7), random(outputs)
    same(Wide(weight, bias)(channels_last(x)), plain(x, weight, bias))


@settings(deadline=None, max_examples=25)
@given(channels, sizes.filter(lambda size: size > 1), st.floats(-2.5, 2.5))
def test_translations(inputs: int, size: int, reach: float) -> None:
    volume, shifts = random(inputs, 3, size, size + 1), random(4, 3) * reach
    grid = voxels(volume.shape[1:], like=volume) + shifts[:, None, None, None]
    expected = dense_motion.warp(volume.expand(4, -1, -1, -1, -1), grid)
    same(motion.translated(volume, shifts), expected)


def test_bells() -> None:
    size, keypoints = (4, 9, 7), random(15, 3)
    expected = dense_motion.heatmaps(voxels(size, like=keypoints), keypoints[None])
    torch.testing.assert_close(motion.bells(size, keypoints), channels_last(expected), rtol=1e-4, atol=1e-7)


@torch.inference_mode()
def test_the_frame_graph() -> None:
    plain_generator = small("generator")
    photo = torch.rand(1, 3, SMALL_SIDE, SMALL_SIDE, generator=torch.Generator().manual_seed(1))
    features, source = SourceGraph(plain_generator, small("kp_detector"))(photo)
    driving = torch.cat([source + random(1, 15, 3) * scale for scale in (0.05, 0.2)])
    expected = FrameGraph(plain_generator)(features, source, driving)
    draw = FrameGraph(FastGenerator(plain_generator))
    found = draw(features, source, driving)
    torch.testing.assert_close(found, expected, rtol=0, atol=2e-4)
    assert torch.equal(draw(features, source, driving[1:]), found[1:])
    # The tolerance means something: the two frames differ by more.
    assert (expected[0] - expected[1]).abs().max() > 1e-2
