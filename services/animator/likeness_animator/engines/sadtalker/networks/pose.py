"""Speech to head pose (the decoder of PoseVAE of the paper): 32 frames at a time, with chance as an input."""

import torch
from torch import Tensor, nn

from likeness_animator.engines.sadtalker.networks.audio import AudioEncoder
from likeness_animator.engines.sadtalker.networks.config import OFFICIAL, Config
from likeness_animator.engines.sadtalker.networks.resunet import ResUnet

FRAMES = 32
"""Length of a chunk."""
LATENT = 64
POSE = 6
"""Rotation about three axes and translation along them."""
STYLES = 46


class PoseMlp(nn.Module):
    """The two layers in front of the U-net."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.L0 = nn.Linear(POSE + LATENT + FRAMES * POSE, hidden)
        self.L1 = nn.Linear(hidden, FRAMES * POSE)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 262) to (N, 192), 0 to 1."""
        return torch.sigmoid(self.L1(torch.relu(self.L0(x))))


class PoseDecoder(nn.Module):
    """From what is heard, a latent and a style to the motion of the head."""

    def __init__(self, config: Config = OFFICIAL) -> None:
        super().__init__()
        self.classbias = nn.Parameter(torch.zeros(STYLES, LATENT))
        self.resunet = ResUnet(config)
        self.MLP = PoseMlp(config.pose)
        self.pose_linear = nn.Linear(POSE, POSE)
        self.linear_audio = nn.Linear(config.audio[-1], POSE)

    def forward(self, heard: Tensor, reference: Tensor, latent: Tensor, style: Tensor) -> Tensor:
        """Motion (N, 32, 6), to be added to the reference.

        Of what is heard (N, 32, 6), the portrait's pose (N, 6), a standard normal latent (N, 64), and indices of styles
        (N), 0 to 45.
        """
        mixed = self.MLP(torch.cat([reference, latent + self.classbias[style], heard.flatten(1)], dim=1))
        out: Tensor = self.pose_linear(self.resunet(mixed.view(-1, 1, FRAMES, POSE)).squeeze(1))
        return out


class Audio2Pose(nn.Module):
    """Checkpoint prefix `audio2pose.`, without what only training needs."""

    def __init__(self, config: Config = OFFICIAL) -> None:
        super().__init__()
        self.audio_encoder = AudioEncoder(config)
        self.decoder = PoseDecoder(config)

    def hear(self, mel: Tensor) -> Tensor:
        """What the decoder needs to know of log-mel windows (N, 1, 80, 16): (N, 6)."""
        out: Tensor = self.decoder.linear_audio(self.audio_encoder(mel).flatten(1))
        return out
