"""Windows of motion coefficients to the head pose and expression that the generator understands (MappingNet)."""

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

from likeness_animator.engines.sadtalker.networks.config import OFFICIAL, Config
from likeness_animator.engines.sadtalker.networks.keypoints import KEYPOINTS

WINDOW = 27
"""Frames: the one it is for, and 13 on either side."""
BINS = 66


@dataclass(frozen=True, slots=True)
class HeadMotion:
    """Logits over BINS of yaw, pitch and roll (N, 66), translation (N, 3), shifts of the keypoints (N, 45)."""

    yaw: Tensor
    pitch: Tensor
    roll: Tensor
    translation: Tensor
    expression: Tensor


class MappingNet(nn.Module):
    """Checkpoint `mapping_*.pth.tar`; `coefficients` is 70, or 73 for full pictures, where the crop is told too."""

    def __init__(self, coefficients: int, config: Config = OFFICIAL) -> None:
        super().__init__()
        width = config.mapping
        self.first = nn.Sequential(nn.Conv1d(coefficients, width, 7))
        for index in range(3):
            layer = nn.Sequential(nn.LeakyReLU(0.1), nn.Conv1d(width, width, 3, dilation=3))
            self.add_module(f"encoder{index}", layer)
        self.fc_roll = nn.Linear(width, BINS)
        self.fc_pitch = nn.Linear(width, BINS)
        self.fc_yaw = nn.Linear(width, BINS)
        self.fc_t = nn.Linear(width, 3)
        self.fc_exp = nn.Linear(width, 3 * KEYPOINTS)

    def forward(self, window: Tensor) -> HeadMotion:
        """Motion of windows (N, coefficients, 27)."""
        x = self.first(window)
        for index in range(3):
            x = self.get_submodule(f"encoder{index}")(x) + x[:, :, 3:-3]
        mean = functional.adaptive_avg_pool1d(x, 1).flatten(1)
        return HeadMotion(
            self.fc_yaw(mean), self.fc_pitch(mean), self.fc_roll(mean), self.fc_t(mean), self.fc_exp(mean)
        )
