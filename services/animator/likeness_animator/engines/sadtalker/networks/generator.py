"""A photo and two sets of keypoints to a frame (face-vid2vid with a SPADE decoder)."""

from collections import OrderedDict

from torch import Tensor, nn
from torch.nn import functional

from likeness_animator.engines.sadtalker.networks.blocks import Down2d, Residual3d, Same2d
from likeness_animator.engines.sadtalker.networks.dense_motion import DenseMotion, warp
from likeness_animator.engines.sadtalker.networks.keypoints import DEPTH
from likeness_animator.engines.sadtalker.networks.spade import SpadeDecoder

CHANNELS = 32


class Generator(nn.Module):
    """Checkpoint prefix `generator.`."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Same2d(3, 64)
        self.down_blocks = nn.Sequential(Down2d(64, 128), Down2d(128, 256))
        self.second = nn.Conv2d(256, CHANNELS * DEPTH, 1)
        blocks = [(f"3dr{index}", Residual3d(CHANNELS)) for index in range(6)]
        self.resblocks_3d = nn.Sequential(OrderedDict[str, nn.Module](blocks))
        self.dense_motion_network = DenseMotion(CHANNELS)
        self.third = Same2d(CHANNELS * DEPTH, 256)
        self.fourth = nn.Conv2d(256, 256, 1)
        self.decoder = SpadeDecoder()

    def encode(self, photo: Tensor) -> Tensor:
        """Features of the face in three dimensions (N, 32, 16, H / 4, W / 4), of RGB photos (N, 3, H, W), 0 to 1."""
        flat = self.second(self.down_blocks(self.first(photo)))
        out: Tensor = self.resblocks_3d(flat.unflatten(1, (CHANNELS, DEPTH)))
        return out

    def forward(self, features: Tensor, source: Tensor, driving: Tensor) -> Tensor:
        """RGB frames (N, 3, H, W), 0 to 1, of a face with `features` moved from keypoints `source` to `driving`."""
        motion = self.dense_motion_network(features, source, driving)
        warped = warp(features, motion.deformation).flatten(1, 2)
        third = functional.leaky_relu(self.third.norm(self.third.conv(warped)), 0.01)
        out: Tensor = self.decoder(self.fourth(third) * motion.occlusion)
        return out
