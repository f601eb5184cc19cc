"""A photo to 15 keypoints in three dimensions, found without labels (face-vid2vid, Wang et al., 2021)."""

from collections import OrderedDict
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from likeness_animator.engines.sadtalker.networks.blocks import Down2d, Up3d
from likeness_animator.engines.sadtalker.networks.config import OFFICIAL, Config
from likeness_animator.engines.sadtalker.networks.grids import voxels

KEYPOINTS = 15
TEMPERATURE = 0.1
_SHRINK = 4
_BLUR = 13


class Predictor(nn.Module):
    """(N, 3, H, W) to features in three dimensions, (N, 32, 16, H, W)."""

    def __init__(self, config: Config = OFFICIAL) -> None:
        super().__init__()
        down, up = (3, *config.detector_down), config.detector_up
        downs = {f"down{index}": Down2d(*pair) for index, pair in enumerate(pairwise(down))}
        ups = {f"up{index}": Up3d(*pair) for index, pair in enumerate(pairwise(up))}
        self.down_blocks = nn.Sequential(OrderedDict[str, nn.Module](downs))
        self.conv = nn.Conv2d(down[-1], up[0] * config.depth, 1)
        self.up_blocks = nn.Sequential(OrderedDict[str, nn.Module](ups))
        self.volume = up[0], config.depth

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        flat = self.conv(self.down_blocks(x))
        out: Tensor = self.up_blocks(flat.unflatten(1, self.volume))
        return out


class KeypointDetector(nn.Module):
    """Checkpoint prefix `kp_extractor.`."""

    def __init__(self, config: Config = OFFICIAL) -> None:
        super().__init__()
        self.predictor = Predictor(config)
        self.kp = nn.Conv3d(config.detector_up[-1], KEYPOINTS, 3, padding=1)
        self.down = nn.Module()
        self.down.register_buffer("weight", torch.zeros(3, 1, _BLUR, _BLUR))

    def forward(self, photo: Tensor) -> Tensor:
        """Keypoints (N, 15, 3) as x, y, z in -1 to 1, of RGB photos (N, 3, H, W), 0 to 1; H and W multiples of 128."""
        weight = self.down.get_buffer("weight")
        small = functional.conv2d(photo, weight, padding=_BLUR // 2, groups=3)[:, :, ::_SHRINK, ::_SHRINK]
        # Where the weights have half the precision, places are still averaged in that of the photo.
        logits = self.kp(self.predictor(small)).to(photo.dtype)
        likely = functional.softmax(logits.flatten(2) / TEMPERATURE, dim=2)
        places = voxels(logits.shape[2:], like=logits).view(-1, 3)
        # Summed in pairs: a product of matrices of this length would lose a digit.
        return (likely[..., None] * places).sum(dim=2)
