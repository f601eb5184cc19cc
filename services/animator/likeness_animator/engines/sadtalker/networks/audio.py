"""The speech encoder that both motion networks use; its layout is that of Wav2Lip (Prajwal et al., 2020)."""

from torch import Tensor, nn

FEATURES = 512
_LAYERS: tuple[tuple[int, int, int, int | tuple[int, int], int, bool], ...] = (
    (1, 32, 3, 1, 1, False),
    (32, 32, 3, 1, 1, True),
    (32, 32, 3, 1, 1, True),
    (32, 64, 3, (3, 1), 1, False),
    (64, 64, 3, 1, 1, True),
    (64, 64, 3, 1, 1, True),
    (64, 128, 3, 3, 1, False),
    (128, 128, 3, 1, 1, True),
    (128, 128, 3, 1, 1, True),
    (128, 256, 3, (3, 2), 1, False),
    (256, 256, 3, 1, 1, True),
    (256, 512, 3, 1, 0, False),
    (512, 512, 1, 1, 0, False),
)
"""Channels in and out, kernel, stride, padding, residual."""


class ConvBlock(nn.Module):
    """Convolution, batch norm and ReLU; a residual block adds its input before the ReLU."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int | tuple[int, int], padding: int, residual: bool
    ) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, padding), nn.BatchNorm2d(outputs))
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H', W')."""
        out: Tensor = self.conv_block(x)
        return (out + x if self.residual else out).relu()


class AudioEncoder(nn.Sequential):
    """Log-mel windows (N, 1, 80, 16) to embeddings (N, 512, 1, 1)."""

    def __init__(self) -> None:
        super().__init__(*(ConvBlock(*layer) for layer in _LAYERS))
