"""The dense motion network, channels last."""

import torch
from torch import Tensor
from torch.nn import functional

from likeness_animator.engines.sadtalker.fast import layers
from likeness_animator.engines.sadtalker.fast.upsampled import Upsampled, spread
from likeness_animator.engines.sadtalker.fast.wide import Wide
from likeness_animator.engines.sadtalker.fast.winograd import Winograd
from likeness_animator.engines.sadtalker.networks import dense_motion
from likeness_animator.engines.sadtalker.networks.grids import voxels


def translations(size: int, shifts: Tensor) -> Tensor:
    """Linear lookup along an axis of `size` places for each of `shifts` (K): matrices (K, size, size)."""
    places = torch.linspace(-1, 1, size, dtype=shifts.dtype, device=shifts.device)
    found = ((places + shifts[:, None] + 1) * size - 1) / 2
    return (1 - (found[..., None] - torch.arange(size, dtype=shifts.dtype, device=shifts.device)).abs()).clamp_min_(0)


def translated(volume: Tensor, shifts: Tensor) -> Tensor:
    """`warp` of a volume (C, D, H, W) by whole grids moved by `shifts` (K, 3), axis by axis: (K, C, D, H, W)."""
    x, y, z = (translations(volume.shape[-1 - axis], shifts[:, axis]) for axis in range(3))
    rows = torch.einsum("cdhw,kvw->kcdhv", volume, x)
    planes = y[:, None, None] @ rows
    return (z[:, None] @ planes.flatten(3)).view(planes.shape)


def bells(size: tuple[int, int, int], keypoints: Tensor) -> Tensor:
    """`heatmaps` (D, H, W, 15) of keypoints (15, 3) as products of what lies along each axis."""
    axes = [torch.linspace(-1, 1, length, dtype=keypoints.dtype, device=keypoints.device) for length in size]
    z, y, x = (
        torch.exp((axes[axis][:, None] - keypoints[:, 2 - axis]).square() * (-0.5 / dense_motion.VARIANCE))
        for axis in range(3)
    )
    return z[:, None, None] * y[:, None] * x


class Hourglass:
    """(D, H, W, 80) to (D, H, W, 112)."""

    def __init__(self, plain: dense_motion.Hourglass) -> None:
        self.down = [Winograd(*layers.block(block)) for block in plain.encoder.down_blocks]
        self.up = [Upsampled(*layers.block(block), 2) for block in plain.decoder.up_blocks]
        self.last = Winograd(*layers.fused(plain.decoder.conv, plain.decoder.norm))

    def __call__(self, x: Tensor) -> Tensor:
        """See the class."""
        features = [x]
        for down in self.down:
            features.append(_halved(down.same(features[-1]).relu_()))
        *skips, x = features
        for up, skip in zip(self.up, reversed(skips), strict=True):
            copies = up(x).relu_()
            width = copies.shape[-1]
            x = skip.new_empty(*skip.shape[:3], width + skip.shape[3])
            spread(copies, 2, x[..., :width])
            x[..., width:] = skip
        return self.last.same(x).relu_()


class DenseMotion:
    """The deformation and how visible the places of the photo remain."""

    def __init__(self, plain: dense_motion.DenseMotion) -> None:
        weight, self.bias = layers.fused(plain.compress, plain.norm)
        self.compress = weight.flatten(1)
        self.hourglass = Hourglass(plain.hourglass)
        self.mask = Wide(*layers.parameters(plain.mask))
        # Every place adds to the 49 around it, so the kernel is turned around.
        weight, self.visible_bias = layers.parameters(plain.occlusion)
        turned = weight.flip(2, 3).unflatten(1, (plain.mask.in_channels, -1))[0]
        self.side = turned.shape[-1]
        self.visible = turned.flatten(2).transpose(0, 1).contiguous()

    def __call__(self, features: Tensor, source: Tensor, driving: Tensor) -> tuple[Tensor, Tensor]:
        """Places (D, H, W, 3) and occlusion (H, W) of `features` (32, D, H, W) and keypoints (15, 3)."""
        size = (features.shape[1], features.shape[2], features.shape[3])
        shifts = functional.pad(source - driving, (0, 0, 1, 0))
        compressed = torch.addmm(self.bias[:, None], self.compress, features.flatten(1)).relu_()
        warped = translated(compressed.view(-1, *size), shifts)
        hints = features.new_zeros(*size, dense_motion.MOTIONS, len(self.bias) + 1)
        hints[..., 1:, 0] = bells(size, driving) - bells(size, source)
        hints[..., :, 1:] = warped.permute(2, 3, 4, 0, 1)
        prediction = self.hourglass(hints.flatten(3))
        mask = self.mask(prediction).softmax(dim=-1)
        shares = mask.masked_fill_(mask < dense_motion.SMALLEST_SHARE, 0)
        grid = voxels(size, like=features)
        places = torch.addcmul(shares @ shifts, grid, shares.sum(-1, keepdim=True))
        return places, self._occlusion(prediction)

    def _occlusion(self, prediction: Tensor) -> Tensor:
        depth, height, width, channels = prediction.shape
        spots = torch.bmm(prediction.view(depth, -1, channels), self.visible).sum(0)
        logits = functional.fold(spots.t(), (height, width), self.side, padding=self.side // 2)
        return torch.sigmoid(logits[0] + self.visible_bias)


def _halved(x: Tensor) -> Tensor:
    """Means of 2x2 places, (D, H / 2, W / 2, C)."""
    total = x[:, ::2, ::2] + x[:, 1::2, ::2]
    return total.add_(x[:, ::2, 1::2]).add_(x[:, 1::2, 1::2]).mul_(0.25)
