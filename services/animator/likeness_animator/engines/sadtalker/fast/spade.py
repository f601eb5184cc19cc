"""The SPADE decoder, channels last.

All norms of a block read the condition at once, and what they scale and shift with is used as soon as a strip is there.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from likeness_animator.engines.sadtalker.fast import layers
from likeness_animator.engines.sadtalker.fast.upsampled import Enlarged, Upsampled
from likeness_animator.engines.sadtalker.fast.winograd import Framed, Source, Winograd
from likeness_animator.engines.sadtalker.networks import spade

_EPSILON = 1e-5


def conv(layer: torch.nn.Conv2d) -> Winograd:
    """The same convolution."""
    weight, bias = layers.parameters(layer)
    return Winograd(weight[:, :, None], bias)


def room(like: Tensor, *shape: int) -> tuple[Tensor, Tensor]:
    """A frame of zeros, one wide, around maps of a shape (..., H, W, C), and the place of the maps, still unwritten."""
    *others, height, width, channels = shape
    frame = like.new_empty(*others, height + 2, width + 2, channels)
    for edge in (frame[..., :1, :, :], frame[..., -1:, :, :], frame[..., :1, :], frame[..., -1:, :]):
        edge.zero_()
    return frame, frame[..., 1:-1, 1:-1, :]


def framed(x: Tensor) -> Tensor:
    """(..., H + 2, W + 2, C)."""
    frame, place = room(x, *x.shape)
    place.copy_(x)
    return frame


class Norm:
    """Instance norm and modulation with what the condition says."""

    def __init__(self, plain: spade.Spade) -> None:
        (gamma, scale), (beta, shift) = layers.parameters(plain.mlp_gamma), layers.parameters(plain.mlp_beta)
        self.modulation = Winograd(torch.cat([gamma, beta])[:, :, None], torch.cat([1 + scale, shift]))

    def strips(self, normal: Tensor, hidden: Source, out: Tensor | None = None) -> Iterator[tuple[slice, Tensor]]:
        """Rows and the result there, (1, rows, W, C), of normalised maps, enlarged to the size of `hidden`."""
        for rows, strip in self.modulation.strips(hidden):
            factor = strip.shape[2] // normal.shape[2]
            split = strip.unflatten(2, (-1, factor)).unflatten(1, (-1, factor))
            gamma, beta = split.chunk(2, dim=-1)
            part = normal[:, rows.start // factor : rows.stop // factor, None, :, None]
            place = gamma if out is None else out[:, rows].unflatten(2, (-1, factor)).unflatten(1, (-1, factor))
            torch.addcmul(beta, part, gamma, out=place)
            yield rows, strip[..., : normal.shape[3]] if out is None else out[:, rows]


def _normal(x: Tensor) -> Tensor:
    """Instance norm. The variance is that of the centred values: squares of values alone would lose digits."""
    flat = x.view(-1, x.shape[3])
    centred = flat - flat.mean(dim=0)
    scale = (centred.square().mean(dim=0) + _EPSILON).rsqrt()
    return centred.mul_(scale).view(x.shape)


class Block:
    """Residual block; `factor` is what its condition has to be enlarged by, and x by two if that is more than one."""

    def __init__(self, plain: spade.SpadeBlock, factor: int) -> None:
        norms = [plain.norm_0, plain.norm_1] + ([plain.norm_s] if plain.learned_shortcut else [])
        self.norms, self.factor = [Norm(norm) for norm in norms], factor
        weights, biases = zip(*(layers.parameters(norm.mlp_shared[0]) for norm in norms), strict=True)
        weight, bias = torch.cat(weights)[:, :, None], torch.cat(biases)
        self.shared = Winograd(weight, bias) if factor == 1 else Upsampled(weight, bias, factor)
        self.conv_0, self.conv_1 = conv(plain.conv_0), conv(plain.conv_1)
        self.shortcut = plain.conv_s.weight[:, :, 0, 0].t().contiguous() if plain.learned_shortcut else None

    def __call__(self, x: Tensor, condition: Tensor) -> Tensor:
        """(1, H, W, inputs), before it is enlarged, to (1, H', W', outputs), of a framed condition (1, h, w, 256)."""
        hidden = self._hidden(condition)
        normal = _normal(x)
        frame = self._activated(0, normal, hidden)
        middle = self.conv_0(Framed(frame))
        frame = self._activated(1, _normal(middle), hidden)
        out = self.conv_1(Framed(frame))
        if self.shortcut is None:
            return out.add_(x)
        for rows, strip in self.norms[2].strips(normal, hidden[2]):
            flat = out[:, rows].view(-1, out.shape[3])
            torch.addmm(flat, strip.reshape(-1, strip.shape[3]), self.shortcut, out=flat)
        return out

    def _hidden(self, condition: Tensor) -> list[Source]:
        parts = len(self.norms)
        found = self.shared(Framed(framed(condition))) if isinstance(self.shared, Winograd) else self.shared(condition)
        frame, place = room(found, *found.shape)
        torch.clamp_min(found, 0, out=place)
        return [Framed(part) if self.factor == 1 else Enlarged(part, self.factor) for part in frame.chunk(parts, -1)]

    def _activated(self, number: int, normal: Tensor, hidden: list[Source]) -> Tensor:
        source = hidden[number]
        frame, place = room(normal, 1, source.height, source.width, normal.shape[3])
        for _, strip in self.norms[number].strips(normal, source, place):
            functional.leaky_relu_(strip, spade.SLOPE)
        return frame


class Decoder:
    """Features (1, H, W, 256) to RGB pictures (1, 3, 4 * H, 4 * W), 0 to 1."""

    def __init__(self, plain: spade.SpadeDecoder) -> None:
        self.fc = conv(plain.fc)
        middle = [block for block in plain.children() if isinstance(block, spade.SpadeBlock)][: len(plain.blocks)]
        self.blocks = [Block(block, 1) for block in middle]
        self.blocks += [Block(plain.up_0, 2), Block(plain.up_1, 4)]
        self.picture = plain.conv_img

    def __call__(self, features: Tensor) -> Tensor:
        """See the class."""
        x = self.fc(Framed(framed(features)))
        for block in self.blocks:
            x = block(x, features)
        x = functional.leaky_relu_(x, spade.SLOPE)
        return torch.sigmoid(self.picture(x.permute(0, 3, 1, 2)))
