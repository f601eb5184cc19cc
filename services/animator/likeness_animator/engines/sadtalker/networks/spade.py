"""Features to a picture, with normalisation that is modulated in space (SPADE, Park et al., 2019)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.2
_HIDDEN = 128
_CONDITION = 256


class Spade(nn.Module):
    """Instance norm, then scale and shift that a small network reads from the condition."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.InstanceNorm2d(channels)
        self.mlp_shared = nn.Sequential(nn.Conv2d(_CONDITION, _HIDDEN, 3, padding=1), nn.ReLU())
        self.mlp_gamma = nn.Conv2d(_HIDDEN, channels, 3, padding=1)
        self.mlp_beta = nn.Conv2d(_HIDDEN, channels, 3, padding=1)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(N, channels, H, W), of a condition (N, 256, h, w) of the same size or smaller."""
        shared = self.mlp_shared(functional.interpolate(condition, size=x.shape[2:]))
        out: Tensor = self.norm(x) * (1 + self.mlp_gamma(shared)) + self.mlp_beta(shared)
        return out


class SpadeBlock(nn.Module):
    """Residual block. The checkpoint holds its convolutions with spectral norm, which is folded when it is loaded."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        middle = min(inputs, outputs)
        self.conv_0 = nn.Conv2d(inputs, middle, 3, padding=1)
        self.conv_1 = nn.Conv2d(middle, outputs, 3, padding=1)
        self.norm_0 = Spade(inputs)
        self.norm_1 = Spade(middle)
        self.learned_shortcut = inputs != outputs
        if self.learned_shortcut:
            self.conv_s = nn.Conv2d(inputs, outputs, 1, bias=False)
            self.norm_s = Spade(inputs)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H, W)."""
        shortcut = self.conv_s(self.norm_s(x, condition)) if self.learned_shortcut else x
        out = self.conv_0(functional.leaky_relu(self.norm_0(x, condition), SLOPE))
        out = self.conv_1(functional.leaky_relu(self.norm_1(out, condition), SLOPE))
        return shortcut + out


class SpadeDecoder(nn.Module):
    """Checkpoint prefix `generator.decoder.`."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Conv2d(_CONDITION, 512, 3, padding=1)
        for index in range(6):
            self.add_module(f"G_middle_{index}", SpadeBlock(512, 512))
        self.up_0 = SpadeBlock(512, 256)
        self.up_1 = SpadeBlock(256, 64)
        self.conv_img = nn.Conv2d(64, 3, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """RGB pictures (N, 3, 4 * H, 4 * W), 0 to 1, of features (N, 256, H, W)."""
        x = self.fc(features)
        for index in range(6):
            x = self.get_submodule(f"G_middle_{index}")(x, features)
        x = self.up_0(functional.interpolate(x, scale_factor=2), features)
        x = self.up_1(functional.interpolate(x, scale_factor=2), features)
        return torch.sigmoid(self.conv_img(functional.leaky_relu(x, SLOPE)))
