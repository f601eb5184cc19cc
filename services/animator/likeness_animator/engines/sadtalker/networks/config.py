"""Sizes of the networks. The official checkpoints fix them; at a reduced size the same structure is quick to test."""

from dataclasses import dataclass, fields
from typing import Any, Self

Widths = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Config:
    """Numbers of channels, of blocks in a row, and of voxels in depth; the defaults are those of the checkpoints."""

    channels: int = 32
    depth: int = 16
    """Of the face in three dimensions, as it is encoded and warped."""
    encoder: Widths = (64, 128, 256)
    encoder_blocks: int = 6
    compressed: int = 4
    """Channels from which motion is estimated."""
    hourglass_down: Widths = (64, 128, 256, 512, 1024)
    hourglass_up: Widths = (512, 256, 128, 64, 32)
    condition: int = 256
    """Channels of the warped face, which every block of the decoder is told."""
    spade: int = 128
    decoder: int = 512
    decoder_blocks: int = 6
    decoder_up: Widths = (256, 64)
    detector_down: Widths = (64, 128, 256, 512, 1024)
    detector_up: Widths = (1024, 512, 256, 128, 64, 32)
    mapping: int = 1024
    audio: Widths = (32, 64, 128, 256, 512)
    pose: int = 128
    pose_unet: Widths = (32, 64, 128, 256)
    reconstruction: Widths = (64, 128, 256, 512)
    reconstruction_blocks: Widths = (3, 4, 6, 3)

    def reduced(self, divisor: int = 32) -> Self:
        """The same structure with every number divided, down to 2 at least: draws in milliseconds, for tests."""
        return type(self)(**{field.name: _divided(getattr(self, field.name), divisor) for field in fields(self)})


OFFICIAL = Config()


def _divided(size: Any, divisor: int) -> Any:
    if isinstance(size, tuple):
        return tuple(_divided(width, divisor) for width in size)
    return max(2, size // divisor)
