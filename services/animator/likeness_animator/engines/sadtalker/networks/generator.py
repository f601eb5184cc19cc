"""A photo and two sets of keypoints to a frame (face-vid2vid with a SPADE decoder)."""

from collections import OrderedDict
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional

from likeness_animator.engines.sadtalker.networks.blocks import Down2d, Residual3d, Same2d
from likeness_animator.engines.sadtalker.networks.config import OFFICIAL, Config
from likeness_animator.engines.sadtalker.networks.dense_motion import DenseMotion, warp
from likeness_animator.engines.sadtalker.networks.spade import SpadeDecoder


class Generator(nn.Module):
    """Checkpoint prefix `generator.`."""

    def __init__(self, config: Config = OFFICIAL) -> None:
        super().__init__()
        self.volume = config.channels, config.depth
        flat = config.channels * config.depth
        blocks = {f"3dr{index}": Residual3d(config.channels) for index in range(config.encoder_blocks)}
        self.first = Same2d(3, config.encoder[0])
        self.down_blocks = nn.Sequential(*(Down2d(*pair) for pair in pairwise(config.encoder)))
        self.second = nn.Conv2d(config.encoder[-1], flat, 1)
        self.resblocks_3d = nn.Sequential(OrderedDict[str, nn.Module](blocks))
        self.dense_motion_network = DenseMotion(config)
        self.third = Same2d(flat, config.condition)
        self.fourth = nn.Conv2d(config.condition, config.condition, 1)
        self.decoder = SpadeDecoder(config)

    def encode(self, photo: Tensor) -> Tensor:
        """Features of the face in three dimensions (N, 32, 16, H / 4, W / 4), of RGB photos (N, 3, H, W), 0 to 1."""
        flat = self.second(self.down_blocks(self.first(photo)))
        out: Tensor = self.resblocks_3d(flat.unflatten(1, self.volume))
        return out

    def forward(self, features: Tensor, source: Tensor, driving: Tensor) -> Tensor:
        """RGB frames (N, 3, H, W), 0 to 1, of a face with `features` moved from keypoints `source` to `driving`."""
        motion = self.dense_motion_network(features, source, driving)
        warped = warp(features, motion.deformation).flatten(1, 2)
        third = functional.leaky_relu(self.third.norm(self.third.conv(warped)), 0.01)
        out: Tensor = self.decoder(self.fourth(third) * motion.occlusion)
        return out
