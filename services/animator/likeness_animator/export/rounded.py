"""Convolutions in float16 that are traced quickly.

Tracing computes what it records, and few processors convolve in float16: torch loops over single numbers there, which
takes hours for a frame. So they are computed in float32 and rounded, and written as what they are.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function


class _Rounded(Function):
    """A convolution of float16 tensors."""

    @staticmethod
    def forward(_: Any, x: Tensor, weight: Tensor, bias: Tensor | None, layer: nn.Conv2d | nn.Conv3d) -> Tensor:
        """As the layer computes, with its sums in float32."""
        wide = None if bias is None else bias.float()
        out: Tensor = layer._conv_forward(x.float(), weight.float(), wide)
        return out.half()

    @staticmethod
    def symbolic(graph: Any, x: Any, weight: Any, bias: Any, layer: nn.Conv2d | nn.Conv3d) -> Any:
        """What it is in ONNX."""
        if isinstance(layer.padding, str) or layer.padding_mode != "zeros":
            raise ValueError(f"cannot write the padding of {layer}")
        inputs = (x, weight) if layer.bias is None else (x, weight, bias)
        return graph.op(
            "Conv",
            *inputs,
            dilations_i=layer.dilation,
            group_i=layer.groups,
            kernel_shape_i=layer.kernel_size,
            pads_i=layer.padding * 2,
            strides_i=layer.stride,
        )


def traced(layer: nn.Conv2d | nn.Conv3d, x: Tensor) -> Tensor:
    """What a `layer` in float16 makes of `x`, recorded as one convolution."""
    if x.dtype != torch.float16:
        raise TypeError(f"{layer} is in float16, its input in {x.dtype}")
    out: Tensor = _Rounded.apply(x, layer.weight, layer.bias, layer)  # type: ignore[no-untyped-call]
    return out
