"""Speech to facial expression (ExpNet of the paper)."""

import torch
from torch import Tensor, nn

from likeness_animator.engines.sadtalker.networks.audio import AudioEncoder
from likeness_animator.engines.sadtalker.networks.config import OFFICIAL, Config

EXPRESSION = 64


class Audio2Exp(nn.Module):
    """Checkpoint prefix `audio2exp.`. Frames do not depend on each other."""

    def __init__(self, config: Config = OFFICIAL) -> None:
        super().__init__()
        self.audio_encoder = AudioEncoder(config)
        self.mapping1 = nn.Linear(config.audio[-1] + EXPRESSION + 1, EXPRESSION)

    def forward(self, mel: Tensor, reference: Tensor, blink: Tensor) -> Tensor:
        """Expression coefficients (N, 64).

        Of log-mel windows (N, 1, 80, 16), the portrait's own expression (N, 64), and how far the lids are closed
        (N, 1), 0 to 1. The result is absolute: it does not have to be added to the reference.
        """
        embedding = self.audio_encoder(mel).flatten(1)
        out: Tensor = self.mapping1(torch.cat([embedding, reference, blink], dim=1))
        return out
