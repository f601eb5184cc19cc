"""Features to a picture, with normalisation that is modulated in space (SPADE, Park et al., 2019)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from likeness_animator.engines.sadtalker.networks.config import OFFICIAL, Config

SLOPE = 0.2


class Spade(nn.Module):
    """Instance norm, then scale and shift that a small network reads from the condition."""

    def __init__(self, channels: int, config: Config) -> None:
        super().__init__()
        hidden = config.spade
        self.norm = nn.InstanceNorm2d(channels)
        self.mlp_shared = nn.Sequential(nn.Conv2d(config.condition, hidden, 3, padding=1), nn.ReLU())
        self.mlp_gamma = nn.Conv2d(hidden, channels, 3, padding=1)
        self.mlp_beta = nn.Conv2d(hidden, channels, 3, padding=1)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(N, channels, H, W), of a condition (N, 256, h, w) of the same size or smaller."""
        shared = self.mlp_shared(functional.interpolate(condition, size=x.shape[2:]))
        out: Tensor = self.norm(x) * (1 + self.mlp_gamma(shared)) + self.mlp_beta(shared)
        return out


class SpadeBlock(nn.Module):
    """Residual block. The checkpoint holds its convolutions with spectral norm, which is folded when it is loaded."""

    def __init__(self, inputs: int, outputs: int, config: Config) -> None:
        super().__init__()
        middle = min(inputs, outputs)
        self.conv_0 = nn.Conv2d(inputs, middle, 3, padding=1)
        self.conv_1 = nn.Conv2d(middle, outputs, 3, padding=1)
        self.norm_0 = Spade(inputs, config)
        self.norm_1 = Spade(middle, config)
        self.learned_shortcut = inputs != outputs
        if self.learned_shortcut:
            self.conv_s = nn.Conv2d(inputs, outputs, 1, bias=False)
            self.norm_s = Spade(inputs, config)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H, W)."""
        shortcut = self.conv_s(self.norm_s(x, condition)) if self.learned_shortcut else x
        out = self.conv_0(functional.leaky_relu(self.norm_0(x, condition), SLOPE))
        out = self.conv_1(functional.leaky_relu(self.norm_1(out, condition), SLOPE))
        summed: Tensor = shortcut + out
        return summed


class SpadeDecoder(nn.Module):
    """Checkpoint prefix `generator.decoder.`."""

    def __init__(self, config: Config = OFFICIAL) -> None:
        super().__init__()
        width, (middle, last) = config.decoder, config.decoder_up
        self.fc = nn.Conv2d(config.condition, width, 3, padding=1)
        self.blocks = [f"G_middle_{index}" for index in range(config.decoder_blocks)]
        for name in self.blocks:
            self.add_module(name, SpadeBlock(width, width, config))
        self.up_0 = SpadeBlock(width, middle, config)
        self.up_1 = SpadeBlock(middle, last, config)
        self.conv_img = nn.Conv2d(last, 3, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """RGB pictures (N, 3, 4 * H, 4 * W), 0 to 1, of features (N, 256, H, W)."""
        x = self.fc(features)
        for name in self.blocks:
            x = self.get_submodule(name)(x, features)
        x = self.up_0(functional.interpolate(x, scale_factor=2), features)
        x = self.up_1(functional.interpolate(x, scale_factor=2), features)
        return torch.sigmoid(self.conv_img(functional.leaky_relu(x, SLOPE)))
