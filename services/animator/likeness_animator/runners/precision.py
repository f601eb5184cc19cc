"""Modules of torch that compute in less than float32."""

import copy
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

PRECISIONS: Mapping[str, torch.dtype] = MappingProxyType(
    {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
)
"""By the names that settings have for them."""


def lowered(module: nn.Module, dtype: torch.dtype) -> nn.Module:
    """A copy whose parts with weights convolve and multiply in `dtype`; what has none keeps what it is given.

    So lookups in volumes go to the places that float32 can tell apart.
    """
    copied = copy.deepcopy(module)
    for part in copied.modules():
        if not any(part.children()) and any(True for _ in part.parameters()):
            part.to(dtype).register_forward_pre_hook(_cast(dtype))
    return copied


def _cast(dtype: torch.dtype) -> Callable[[nn.Module, Any], tuple[Tensor]]:
    def cast(_: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        return (inputs[0].to(dtype),)

    return cast
