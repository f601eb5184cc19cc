"""The generator's part of a frame, rewritten."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from likeness_animator.engines.sadtalker.fast import layers
from likeness_animator.engines.sadtalker.fast.motion import DenseMotion
from likeness_animator.engines.sadtalker.fast.spade import Decoder, framed
from likeness_animator.engines.sadtalker.fast.winograd import Framed, Winograd
from likeness_animator.engines.sadtalker.networks import generator
from likeness_animator.engines.sadtalker.networks.dense_motion import warp


class FastGenerator(nn.Module):
    """Takes the place of a loaded generator in the frame graph, on processors.

    The same function of the same inputs: only sums are taken in another order, and fewer products. Weights are
    transformed once, here; the plain generator is not kept.
    """

    def __init__(self, plain: generator.Generator) -> None:
        super().__init__()
        self._motion = DenseMotion(plain.dense_motion_network)
        weight, bias = layers.block(plain.third)
        # What is looked up lies with its channels last, behind depth.
        weight = weight.unflatten(1, plain.volume).transpose(1, 2).flatten(1, 2)
        self._third = Winograd(weight[:, :, None], bias)
        weight, self._fourth_bias = layers.parameters(plain.fourth)
        self._fourth = weight[:, :, 0, 0].t().contiguous()
        self._decoder = Decoder(plain.decoder)

    @torch.no_grad()
    def forward(self, features: Tensor, source: Tensor, driving: Tensor) -> Tensor:
        """See Generator.forward. Frames are drawn one after the other, so their number does not change them."""
        frames = zip(features, source, driving, strict=True)
        return torch.cat([self._frame(*inputs) for inputs in frames])

    def _frame(self, features: Tensor, source: Tensor, driving: Tensor) -> Tensor:
        places, occlusion = self._motion(features, source, driving)
        warped = warp(features[None], places[None])[0].permute(2, 3, 1, 0).flatten(2)
        third = functional.leaky_relu_(self._third(Framed(framed(warped[None]))), 0.01)
        fourth = torch.addmm(self._fourth_bias, third.flatten(0, 2), self._fourth).view(third.shape)
        return self._decoder(fourth.mul_(occlusion[None, :, :, None]))
