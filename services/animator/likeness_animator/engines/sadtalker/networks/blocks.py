"""What the keypoint detector and the generator are built of: convolution, batch norm and ReLU, flat and in depth.

Depth keeps its size: only height and width are halved and doubled.
"""

from torch import Tensor, nn
from torch.nn import functional

_FLAT = (1, 2, 2)


class Same2d(nn.Module):
    """(N, inputs, H, W) to (N, outputs, H, W)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        out: Tensor = self.norm(self.conv(x))
        return out.relu()


class Down2d(Same2d):
    """(N, inputs, H, W) to (N, outputs, H / 2, W / 2)."""

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return functional.avg_pool2d(super().forward(x), 2)


class Same3d(nn.Module):
    """(N, inputs, D, H, W) to (N, outputs, D, H, W)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(inputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm3d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        out: Tensor = self.norm(self.conv(x))
        return out.relu()


class Down3d(Same3d):
    """(N, inputs, D, H, W) to (N, outputs, D, H / 2, W / 2)."""

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return functional.avg_pool3d(super().forward(x), _FLAT)


class Up3d(Same3d):
    """(N, inputs, D, H, W) to (N, outputs, D, 2 * H, 2 * W)."""

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return super().forward(functional.interpolate(x, scale_factor=_FLAT))


class Residual3d(nn.Module):
    """Pre-activation residual block, (N, channels, D, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv3d(channels, channels, 3, padding=1)
        self.norm1 = nn.BatchNorm3d(channels)
        self.norm2 = nn.BatchNorm3d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        inner = self.conv1(self.norm1(x).relu())
        out: Tensor = x + self.conv2(self.norm2(inner).relu())
        return out
