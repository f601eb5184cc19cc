"""Graphs to ONNX files."""

import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from likeness_animator.export.graph import Graph
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


def write(graph: Graph, path: Path, half: bool) -> str:
    """Write one graph, whose sizes are those of its example; there is nothing to tell.

    With `half`, graphs that are not heavy stay as they are: they take no time, and say where a face moves.
    """
    module = Float32(lowered(graph.portable, torch.float16)) if half and graph.heavy else graph.portable
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
    return ""
