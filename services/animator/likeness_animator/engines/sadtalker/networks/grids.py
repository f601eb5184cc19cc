"""Coordinates of voxels: x to the right, y down, z in depth, each from -1 to 1 at the centres of the outermost ones."""

import torch
from torch import Tensor


def voxels(depth: int, height: int, width: int, like: Tensor) -> Tensor:
    """Coordinates (depth, height, width, 3), on the device and in the precision of `like`."""
    axes = [torch.linspace(-1, 1, size, device=like.device, dtype=like.dtype) for size in (depth, height, width)]
    z, y, x = torch.meshgrid(*axes, indexing="ij")
    return torch.stack([x, y, z], dim=-1)
