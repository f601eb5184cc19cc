"""Coordinates of voxels: x to the right, y down, z in depth, each from -1 to 1 at the centres of the outermost ones."""

from collections.abc import Sequence

import torch
from torch import Tensor


def voxels(size: Sequence[int], like: Tensor) -> Tensor:
    """Coordinates (*size, 3) of a volume of `size` (depth, height, width), on the device and as precise as `like`."""
    axes = [torch.linspace(-1, 1, count, device=like.device, dtype=like.dtype) for count in size]
    z, y, x = torch.meshgrid(*axes, indexing="ij")
    return torch.stack([x, y, z], dim=-1)
