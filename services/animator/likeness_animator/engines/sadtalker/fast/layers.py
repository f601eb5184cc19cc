"""Weights and biases of plain layers."""

from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval

from likeness_animator.engines.sadtalker.networks.blocks import Same2d, Same3d


def parameters(layer: nn.Module) -> tuple[Tensor, Tensor]:
    """Of a convolution. Raises AttributeError if it has no bias."""
    return layer.get_parameter("weight").detach(), layer.get_parameter("bias").detach()


def fused(conv: nn.Conv2d | nn.Conv3d, norm: nn.BatchNorm2d | nn.BatchNorm3d) -> tuple[Tensor, Tensor]:
    """Of a convolution that does what the batch norm after it does, too."""
    return parameters(fuse_conv_bn_eval(conv, norm))


def block(plain: nn.Module) -> tuple[Tensor, Tensor]:
    """Of a block's convolution and batch norm."""
    if not isinstance(plain, Same2d | Same3d):
        raise TypeError(f"{type(plain).__name__} is no block of a convolution and a batch norm")
    return fused(plain.conv, plain.norm)
