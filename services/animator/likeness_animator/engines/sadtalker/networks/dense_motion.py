"""From two sets of keypoints to where every voxel of a face comes from (face-vid2vid's motion field estimator)."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from likeness_animator.engines.sadtalker.networks.blocks import Down3d, Up3d
from likeness_animator.engines.sadtalker.networks.config import OFFICIAL, Config, Widths
from likeness_animator.engines.sadtalker.networks.grids import voxels
from likeness_animator.engines.sadtalker.networks.keypoints import KEYPOINTS

MOTIONS = KEYPOINTS + 1
"""One for each keypoint, after one that moves nothing."""
VARIANCE = 0.01
SMALLEST_SHARE = 1e-3


@dataclass(frozen=True, slots=True)
class Motion:
    """How a face moves."""

    deformation: Tensor
    """Where voxels come from, (N, D, H, W, 3)."""
    mask: Tensor
    """The share of each motion in that, (N, 16, D, H, W)."""
    occlusion: Tensor
    """How visible every place of the photo remains, (N, 1, H, W), 0 to 1."""


class Encoder(nn.Module):
    """Features at ever half the size."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.down_blocks = nn.ModuleList(Down3d(*pair) for pair in pairwise(widths))

    def forward(self, x: Tensor) -> list[Tensor]:
        """The input and all features, the smallest last."""
        features = [x]
        for block in self.down_blocks:
            features.append(block(features[-1]))
        return features


class Decoder(nn.Module):
    """Back to the size of the input, which is joined in the end."""

    def __init__(self, down: Widths, up: Widths) -> None:
        super().__init__()
        *skips, width = down
        self.up_blocks = nn.ModuleList()
        for outputs, skip in zip(up, reversed(skips), strict=True):
            self.up_blocks.append(Up3d(width, outputs))
            width = outputs + skip
        self.conv = nn.Conv3d(width, width, 3, padding=1)
        self.norm = nn.BatchNorm3d(width)

    def forward(self, features: list[Tensor]) -> Tensor:
        """Of all features (N, *, D, *, *), the largest (N, 80, D, H, W): (N, 112, D, H, W)."""
        *skips, x = features
        for block, skip in zip(self.up_blocks, reversed(skips), strict=True):
            x = torch.cat([block(x), skip], dim=1)
        out: Tensor = self.norm(self.conv(x))
        return out.relu()


class Hourglass(nn.Module):
    """Encoder and decoder."""

    def __init__(self, inputs: int, config: Config) -> None:
        super().__init__()
        down = (inputs, *config.hourglass_down)
        self.encoder = Encoder(down)
        self.decoder = Decoder(down, config.hourglass_up)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 80, D, H, W) to (N, 112, D, H, W)."""
        out: Tensor = self.decoder(self.encoder(x))
        return out


class DenseMotion(nn.Module):
    """Checkpoint prefix `generator.dense_motion_network.`."""

    def __init__(self, config: Config = OFFICIAL) -> None:
        super().__init__()
        inputs = MOTIONS * (config.compressed + 1)
        outputs = config.hourglass_up[-1] + inputs
        self.compress = nn.Conv3d(config.channels, config.compressed, 1)
        self.norm = nn.BatchNorm3d(config.compressed)
        self.hourglass = Hourglass(inputs, config)
        self.mask = nn.Conv3d(outputs, MOTIONS, 7, padding=3)
        self.occlusion = nn.Conv2d(outputs * config.depth, 1, 7, padding=3)

    def forward(self, features: Tensor, source: Tensor, driving: Tensor) -> Motion:
        """Motion of a face with `features` (N, 32, D, H, W) from keypoints `source` to `driving`, both (N, 15, 3)."""
        compressed = self.norm(self.compress(features)).relu()
        grid = voxels(features.shape[2:], like=features)
        motions = sparse_motions(grid, source, driving)
        hints = heatmaps(grid, driving) - heatmaps(grid, source)
        nothing = torch.zeros_like(hints[:, :1])
        warped = warp(compressed.repeat_interleave(MOTIONS, dim=0), motions.flatten(0, 1))
        warped = warped.view(-1, MOTIONS, *warped.shape[1:])
        inputs = torch.cat([torch.cat([nothing, hints], dim=1)[:, :, None], warped], dim=2)
        prediction = self.hourglass(inputs.flatten(1, 2))
        mask = functional.softmax(self.mask(prediction), dim=1)
        # What falls below the threshold is dropped; the rest is not scaled up for it.
        shares = torch.where(mask < SMALLEST_SHARE, torch.zeros_like(mask), mask)
        deformation = torch.einsum("nkdhw,nkdhwc->ndhwc", shares, motions)
        return Motion(deformation, mask, torch.sigmoid(self.occlusion(prediction.flatten(1, 2))))


def sparse_motions(grid: Tensor, source: Tensor, driving: Tensor) -> Tensor:
    """Where voxels come from if all moved as one keypoint does, (N, 16, D, H, W, 3); the first moves nothing."""
    shift = functional.pad(source - driving, (0, 0, 1, 0))
    return grid + shift[:, :, None, None, None, :]


def heatmaps(grid: Tensor, keypoints: Tensor) -> Tensor:
    """A bell around each keypoint (N, 15, 3): (N, 15, D, H, W)."""
    distance = (grid - keypoints[:, :, None, None, None, :]).square().sum(-1)
    return torch.exp(-0.5 * distance / VARIANCE)


def warp(volume: Tensor, places: Tensor) -> Tensor:
    """Trilinear lookup of `places` (N, D, H, W, 3) in (N, C, D, H, W); outside is zero.

    Grids put -1 at the centre of the first voxel, this lookup at its edge: even a motion that moves nothing shrinks
    the volume a little. The networks have learned with it.
    """
    return functional.grid_sample(volume, places, align_corners=False)
