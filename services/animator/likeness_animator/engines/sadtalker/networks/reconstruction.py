"""A photo to the coefficients of a 3-D face (Deep3DFaceReconstruction, Deng et al., 2019)."""

import torch
from torch import Tensor, nn

from likeness_animator.engines.sadtalker.networks.config import OFFICIAL, Config

COEFFICIENTS = (80, 64, 80, 3, 27, 2, 1)
"""Identity, expression, texture, rotation, light, translation in the plane, and towards the camera."""
SIDE = 224
_EXPANSION = 4


class Bottleneck(nn.Module):
    """Residual block of ResNet-50 (He et al., 2016), in the version that strides in the 3x3 convolution."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = width * _EXPANSION
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Module = nn.Identity()
        if inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, 4 * width, H / stride, W / stride)."""
        out = torch.relu(self.bn1(self.conv1(x)))
        out = torch.relu(self.bn2(self.conv2(out)))
        return torch.relu(self.bn3(self.conv3(out)) + self.downsample(x))


class Backbone(nn.Module):
    """ResNet-50 without its classifier: (N, 3, 224, 224) to (N, 2048, 1, 1)."""

    def __init__(self, config: Config = OFFICIAL) -> None:
        super().__init__()
        inputs = config.reconstruction[0]
        self.conv1 = nn.Conv2d(3, inputs, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(inputs)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layers = [f"layer{index}" for index in (1, 2, 3, 4)]
        for name, width, blocks in zip(self.layers, config.reconstruction, config.reconstruction_blocks, strict=True):
            # All but the first halve the size.
            first = Bottleneck(inputs, width, stride=1 if name == "layer1" else 2)
            inputs = width * _EXPANSION
            self.add_module(name, nn.Sequential(first, *(Bottleneck(inputs, width, 1) for _ in range(blocks - 1))))
        self.avgpool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        for name in self.layers:
            x = self.get_submodule(name)(x)
        out: Tensor = self.avgpool(x)
        return out


class FaceReconstruction(nn.Module):
    """Checkpoint prefix `face_3drecon.`."""

    def __init__(self, config: Config = OFFICIAL) -> None:
        super().__init__()
        self.backbone = Backbone(config)
        features = config.reconstruction[-1] * _EXPANSION
        self.final_layers = nn.ModuleList(nn.Conv2d(features, size, 1) for size in COEFFICIENTS)

    def forward(self, photo: Tensor) -> Tensor:
        """Coefficients (N, 257), in the order of COEFFICIENTS, of aligned RGB photos (N, 3, 224, 224), 0 to 1."""
        features = self.backbone(photo)
        return torch.cat([layer(features) for layer in self.final_layers], dim=1).flatten(1)
