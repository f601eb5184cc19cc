"""Graphs to ONNX files."""

import tempfile
import warnings
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from likeness_animator.export.graph import Graph
from likeness_animator.export.int8 import quantise
from likeness_animator.export.rounded import traced
from likeness_animator.runners.precision import lowered

OPSET = 17


class Float32(nn.Module):
    """Gives what a module computes as float32."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Outputs in their order."""
        result = self.module(*inputs)
        return tuple(tensor.float() for tensor in ((result,) if isinstance(result, Tensor) else result))


def halved(module: nn.Module) -> nn.Module:
    """A module lowered to float16 that can be traced within minutes."""
    copied = lowered(module, torch.float16)
    for part in copied.modules():
        if isinstance(part, nn.Conv2d | nn.Conv3d):
            part.forward = partial(traced, part)  # type: ignore[method-assign]
    return copied


def write(graph: Graph, path: Path, precision: str) -> str:
    """Write one graph, whose sizes are those of its example, in float32, float16 or int8; there is nothing to tell."""
    if precision == "int8":
        with tempfile.TemporaryDirectory() as scratch:
            plain = Path(scratch) / path.name
            _export(graph, graph.portable, plain)
            quantise(plain, graph, path)
    else:
        half = precision == "float16"
        _export(graph, Float32(halved(graph.portable)) if half else graph.portable, path)
    return ""


def _export(graph: Graph, module: nn.Module, path: Path) -> None:
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter that follows torch's graphs would need another package, and does no better here.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            tuple(graph.inputs.values()),
            path,
            input_names=list(graph.inputs),
            output_names=list(graph.limits),
            opset_version=OPSET,
            dynamo=False,
        )
