"""A residual U-net over time and pose (Zhang et al., "Road Extraction by Deep Residual U-Net", 2018)."""

import torch
from torch import Tensor, nn

from likeness_animator.engines.sadtalker.networks.config import OFFICIAL, Config

_TIME = (2, 1)
"""Only time is halved."""


class ResidualConv(nn.Module):
    """Pre-activation residual block."""

    def __init__(self, inputs: int, outputs: int, stride: int | tuple[int, int]) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.BatchNorm2d(inputs),
            nn.ReLU(),
            nn.Conv2d(inputs, outputs, 3, stride, 1),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1),
        )
        self.conv_skip = nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, T, P) to (N, outputs, T / stride, P)."""
        out: Tensor = self.conv_block(x) + self.conv_skip(x)
        return out


class Upsample(nn.Module):
    """Doubles the length in time."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.upsample = nn.ConvTranspose2d(channels, channels, _TIME, _TIME)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(N, channels, T, P) and what has the double length already, joined."""
        return torch.cat([self.upsample(x), skip], dim=1)


class ResUnet(nn.Module):
    """(N, 1, 32, 6) to the same shape, 0 to 1."""

    def __init__(self, config: Config = OFFICIAL) -> None:
        super().__init__()
        a, b, c, d = config.pose_unet
        self.input_layer = nn.Sequential(
            nn.Conv2d(1, a, 3, 1, 1), nn.BatchNorm2d(a), nn.ReLU(), nn.Conv2d(a, a, 3, 1, 1)
        )
        self.input_skip = nn.Sequential(nn.Conv2d(1, a, 3, 1, 1))
        self.residual_conv_1 = ResidualConv(a, b, _TIME)
        self.residual_conv_2 = ResidualConv(b, c, _TIME)
        self.bridge = ResidualConv(c, d, _TIME)
        self.upsample_1 = Upsample(d)
        self.up_residual_conv1 = ResidualConv(d + c, c, 1)
        self.upsample_2 = Upsample(c)
        self.up_residual_conv2 = ResidualConv(c + b, b, 1)
        self.upsample_3 = Upsample(b)
        self.up_residual_conv3 = ResidualConv(b + a, a, 1)
        self.output_layer = nn.Sequential(nn.Conv2d(a, 1, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        one = self.input_layer(x) + self.input_skip(x)
        two = self.residual_conv_1(one)
        three = self.residual_conv_2(two)
        up = self.up_residual_conv1(self.upsample_1(self.bridge(three), three))
        up = self.up_residual_conv2(self.upsample_2(up, two))
        up = self.up_residual_conv3(self.upsample_3(up, one))
        out: Tensor = self.output_layer(up)
        return out
