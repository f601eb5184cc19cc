"""ONNX files whose convolutions take, hold and give whole numbers of 8 bits (static quantisation)."""

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import onnx

from likeness_animator.export.graph import Graph

# Which keeps the library to itself, and so has to be the first to load it.
from likeness_animator.onnx import onnxruntime
from likeness_animator.runners.runner import Array

_TYPES = ["Conv", "Relu"]
"""A ReLU that follows costs nothing: its numbers are those that the convolution gives."""


def quantise(source: Path, graph: Graph, path: Path) -> None:
    """Write the float32 file `source` to `path` with convolutions in int8, but for the sensitive parts of `graph`.

    Weights have a scale for each channel, and what flows between has one for each tensor, from what the graph makes of
    its calibration. Weights keep to 7 bits: processors without VNNI add two products in 16 bits, which those of 8 bits
    can overflow, and a bundle may go to any processor.
    """
    quantization = importlib.import_module(f"{onnxruntime.__name__}.quantization")
    prepared = source.with_suffix(".prepared.onnx")
    quantization.quant_pre_process(source, prepared, skip_optimization=True, skip_symbolic_shape=True)
    quantization.quantize_static(
        prepared,
        path,
        _Examples(graph),
        op_types_to_quantize=_TYPES,
        nodes_to_exclude=_kept(prepared, graph),
        per_channel=True,
        reduce_range=True,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
    )


class _Examples:
    """What the quantiser calls a reader of calibration data."""

    def __init__(self, graph: Graph) -> None:
        self._examples: Iterator[Mapping[str, Array]] = iter(
            {name: tensor.numpy() for name, tensor in example.items()} for example in graph.calibration
        )

    def get_next(self) -> Mapping[str, Array] | None:
        """The next example; None after the last."""
        return next(self._examples, None)


def _kept(path: Path, graph: Graph) -> list[str]:
    """Operations of the graph's sensitive parts; their names are the paths of the modules that they are of."""
    nodes: Any = onnx.load(path, load_external_data=False).graph.node
    return [node.name for node in nodes if any(f"/{part}/" in node.name for part in graph.sensitive)]
