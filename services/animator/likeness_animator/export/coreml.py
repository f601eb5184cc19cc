"""Graphs to Core ML packages. Converting works on any system, predicting on macOS only."""

import importlib
import logging
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch

from likeness_animator.export.graph import Graph
from likeness_common.errors import Internal, Reason

LARGEST_RANK = 5
"""Core ML has no tensors of more dimensions."""


def write(graph: Graph, path: Path, precision: str) -> str:
    """Convert and save one graph in float32 or float16, for macOS 13 and iOS 16 on; returns a list of its operations.

    Raises Internal for one that needs operations or dimensions that Core ML does not have.
    """
    try:
        model = _converted(_coremltools(), graph, precision)
    except Exception as error:  # of every kind, as converters of single operations raise what they like
        raise Internal(
            Reason.INTERNAL, f"coremltools cannot convert the graph {graph.name!r} ({error}); nothing was written."
        ) from error
    if problems := unsupported(model):
        raise Internal(Reason.INTERNAL, f"Core ML cannot run the graph {graph.name!r}: {', '.join(problems)}.")
    model.save(str(path))
    return ", ".join(f"{operation} {count}" for operation, count in sorted(operations(model).items()))


def _converted(tools: Any, graph: Graph, precision: str) -> Any:
    with torch.no_grad(), warnings.catch_warnings():
        # Torch and coremltools warn of what they do to each other's deprecated parts.
        warnings.simplefilter("ignore")
        # Exported, all sizes are constants. A trace would compute them, with an operation that coremltools 9.0
        # cannot convert beside numpy 2.4.
        program = torch.export.export(graph.portable, tuple(graph.inputs.values()), strict=False)
        return tools.convert(
            program.run_decompositions({}),
            convert_to="mlprogram",
            inputs=[_input(tools, name, tensor) for name, tensor in graph.inputs.items()],
            outputs=[tools.TensorType(name=name, dtype=np.float32) for name in graph.limits],
            minimum_deployment_target=tools.target.iOS16,
            compute_precision=tools.precision[precision.upper()],
            skip_model_load=True,
        )


def operations(model: Any) -> Counter[str]:
    """How often each operation occurs in a converted model, constants left out."""
    return Counter(operation.type for operation in _operations(model) if operation.type != "const")


def unsupported(model: Any) -> list[str]:
    """What a converted model has that Core ML lacks: operations by their type, and tensors of too many dimensions."""
    registry = importlib.import_module("coremltools.converters.mil.mil.ops.registry").SSAOpRegistry
    target = _coremltools().target.iOS16
    known = {name for name, versions in registry.core_ops.items() if any(since <= target for since in versions)}
    found = {operation.type for operation in _operations(model)} - known
    large = {
        f"{operation.type} of {output.type.tensorType.rank} dimensions"
        for operation in _operations(model)
        for output in operation.outputs
        if output.type.tensorType.rank > LARGEST_RANK
    }
    return sorted(found | large)


def _operations(model: Any) -> list[Any]:
    functions = model.get_spec().mlProgram.functions.values()
    blocks = (block for function in functions for block in function.block_specializations.values())
    return [operation for block in blocks for operation in block.operations]


def _input(tools: Any, name: str, tensor: torch.Tensor) -> Any:
    return tools.TensorType(name=name, shape=tuple(tensor.shape), dtype=tensor.numpy().dtype.type)


def _coremltools() -> Any:
    # It warns of every version of torch that is newer than itself, and of the parts that only macOS has.
    logging.getLogger("coremltools").setLevel(logging.ERROR)
    return importlib.import_module("coremltools")
