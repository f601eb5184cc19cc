"""The graphs again, in what every runner can compute: tensors of five dimensions at most, lookups in flat pictures.

Core ML has no more. The results are those of the plain networks, for one portrait and one frame at a time. Where the
weights have half the precision, motion keeps that of the keypoints.
"""

import copy
from itertools import chain
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from likeness_animator.engines.sadtalker.networks.blocks import Down3d, Up3d
from likeness_animator.engines.sadtalker.networks.dense_motion import SMALLEST_SHARE, VARIANCE, DenseMotion, Motion
from likeness_animator.engines.sadtalker.networks.generator import Generator
from likeness_animator.engines.sadtalker.networks.grids import voxels

Graph = TypeVar("Graph", bound=nn.Module)


class FlatDown3d(Down3d):
    """Halves height and width as those of pictures."""

    def forward(self, x: Tensor) -> Tensor:
        """(1, inputs, D, H, W) to (1, outputs, D, H / 2, W / 2)."""
        out: Tensor = self.norm(self.conv(x)).relu()
        smaller = functional.avg_pool2d(out.flatten(1, 2), 2)
        return smaller.reshape(*out.shape[:3], *smaller.shape[2:])


class FlatUp3d(Up3d):
    """Doubles height and width as those of pictures."""

    def forward(self, x: Tensor) -> Tensor:
        """(1, inputs, D, H, W) to (1, outputs, D, 2 * H, 2 * W)."""
        larger = functional.interpolate(x.flatten(1, 2), scale_factor=2)
        out: Tensor = self.norm(self.conv(larger.reshape(*x.shape[:3], *larger.shape[2:])))
        return out.relu()


class FlatDenseMotion(DenseMotion):
    """Keeps the motions where the batch would be."""

    def forward(self, features: Tensor, source: Tensor, driving: Tensor) -> Motion:
        """As DenseMotion, for a batch of one."""
        compressed = self.norm(self.compress(features)).relu()[0]
        grid = voxels(features.shape[2:], like=driving)
        shifts = functional.pad(source - driving, (0, 0, 1, 0))[0]
        hints = _heatmaps(grid, driving[0]) - _heatmaps(grid, source[0])
        hints = torch.cat([torch.zeros_like(hints[:1]), hints])[:, None]
        inputs = torch.cat([hints, shift(compressed, shifts)], dim=1)
        prediction = self.hourglass(inputs.flatten(0, 1)[None])
        mask = functional.softmax(self.mask(prediction).to(shifts.dtype), dim=1)
        shares = torch.where(mask < SMALLEST_SHARE, torch.zeros_like(mask), mask)[0, ..., None]
        deformation = (shares * (grid + shifts[:, None, None, None])).sum(0, keepdim=True)
        return Motion(deformation, mask, torch.sigmoid(self.occlusion(prediction.flatten(1, 2))))


class FlatGenerator(Generator):
    """Looks up a volume layer by layer."""

    def forward(self, features: Tensor, source: Tensor, driving: Tensor) -> Tensor:
        """As Generator, for a batch of one."""
        motion = self.dense_motion_network(features, source, driving)
        warped = sample(features, motion.deformation).flatten(1, 2)
        third = functional.leaky_relu(self.third.norm(self.third.conv(warped)), 0.01)
        out: Tensor = self.decoder(self.fourth(third) * motion.occlusion)
        return out


_FLAT: dict[type[nn.Module], type[nn.Module]] = {
    Down3d: FlatDown3d,
    Up3d: FlatUp3d,
    DenseMotion: FlatDenseMotion,
    Generator: FlatGenerator,
}


def portable(graph: Graph) -> Graph:
    """A copy of a graph that shares its weights and computes the same."""
    weights = chain(graph.parameters(), graph.buffers())
    copied = copy.deepcopy(graph, {id(tensor): tensor for tensor in weights})
    for module in copied.modules():
        # The flat classes add nothing to what a module holds, only another way to compute.
        module.__class__ = _FLAT.get(type(module), type(module))
    return copied


def _heatmaps(grid: Tensor, keypoints: Tensor) -> Tensor:
    """A bell around each keypoint (K, 3): (K, D, H, W)."""
    return torch.exp(-0.5 * (grid - keypoints[:, None, None, None]).square().sum(-1) / VARIANCE)


def shift(volume: Tensor, shifts: Tensor) -> Tensor:
    """A volume (C, D, H, W) moved as a whole by each of `shifts` (K, 3), with x, y, z: (K, C, D, H, W).

    What trilinear lookup gives for a grid that only moves: one product of matrices for each axis.
    """
    channels, depth, height, width = volume.shape
    x, y, z = (_lookup(size, shifts[:, axis]) for axis, size in enumerate((width, height, depth)))
    out = volume.to(shifts.dtype).reshape(1, -1, width) @ x.transpose(1, 2)
    out = y[:, None] @ out.reshape(-1, channels * depth, height, width)
    out = z[:, None] @ out.reshape(-1, channels, depth, height * width)
    return out.reshape(-1, channels, depth, height, width)


def _lookup(size: int, shifts: Tensor) -> Tensor:
    """How much every place along an axis takes from every other after a shift (K): (K, size, size)."""
    places = torch.linspace(-1, 1, size, dtype=shifts.dtype, device=shifts.device) + shifts[:, None]
    return _tent(_index(places, size)[..., None] - torch.arange(size, dtype=shifts.dtype, device=shifts.device))


def _index(places: Tensor, size: int) -> Tensor:
    """Positions in elements of coordinates whose -1 and 1 are the edges of the first and last element."""
    return ((places + 1) * size - 1) / 2


def _tent(distance: Tensor) -> Tensor:
    """The weight of an element at a distance, in linear interpolation that is zero outside."""
    return (1 - distance.abs()).relu()


def sample(volume: Tensor, places: Tensor) -> Tensor:
    """Trilinear lookup of `places` (1, D, H, W, 3) in (1, C, D, H, W), zero outside.

    Every layer in depth is looked up as a picture, and counts as much as it is near.
    """
    volume, layers = volume.to(places.dtype), volume.shape[2]
    flat, depth = places[..., :2].flatten(1, 2), _index(places[..., 2].flatten(1, 2), layers)[:, None]
    looked_up = (functional.grid_sample(volume[:, :, z], flat, align_corners=False) for z in range(layers))
    out = sum((layer * _tent(depth - z) for z, layer in enumerate(looked_up)), start=torch.zeros_like(depth))
    return out.reshape(*volume.shape[:2], *places.shape[1:4])
