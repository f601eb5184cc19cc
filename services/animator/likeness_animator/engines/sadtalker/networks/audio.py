"""The speech encoder that both motion networks use; its layout is that of Wav2Lip (Prajwal et al., 2020)."""

from torch import Tensor, nn

from likeness_animator.engines.sadtalker.networks.config import OFFICIAL, Config


class ConvBlock(nn.Module):
    """Convolution, batch norm and ReLU; a residual block adds its input before the ReLU."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int | tuple[int, int],
        padding: int,
        residual: bool = False,
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

    def __init__(self, config: Config = OFFICIAL) -> None:
        a, b, c, d, e = config.audio
        super().__init__(
            ConvBlock(1, a, 3, 1, 1),
            _residual(a),
            _residual(a),
            ConvBlock(a, b, 3, (3, 1), 1),
            _residual(b),
            _residual(b),
            ConvBlock(b, c, 3, 3, 1),
            _residual(c),
            _residual(c),
            ConvBlock(c, d, 3, (3, 2), 1),
            _residual(d),
            ConvBlock(d, e, 3, 1, 0),
            ConvBlock(e, e, 1, 1, 0),
        )


def _residual(channels: int) -> ConvBlock:
    return ConvBlock(channels, channels, 3, 1, 1, residual=True)
