"""A graph on its way into a bundle, and the check that it still computes the same there."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from likeness_animator.runners.bundle import Deviation
from likeness_animator.runners.runner import Array, Runner, TensorSpec
from likeness_common.errors import Internal, Reason

Result = TypeVar("Result")

_RUNS, _LONG_MS = 5, 1000.0


@dataclass(frozen=True, slots=True)
class Graph:
    """A module with an example of its inputs, and how far each of its outputs, in their order, may go astray.

    `portable`, which is converted, computes the same with what every runner has: tensors of at most five dimensions,
    and lookups in flat pictures. Both are in float32 and ready for inference. `heavy` graphs gain from less precision.
    Those that gain from int8 have more examples in `calibration`, from which its ranges are taken, and in `sensitive`
    the parts of the module that stay in float32.
    """

    name: str
    module: nn.Module
    portable: nn.Module
    inputs: Mapping[str, Tensor]
    limits: Mapping[str, Deviation]
    heavy: bool
    calibration: Sequence[Mapping[str, Tensor]] = ()
    sensitive: Sequence[str] = ()

    @property
    def arrays(self) -> dict[str, Array]:
        """The example, as runners take it."""
        return {name: tensor.numpy() for name, tensor in self.inputs.items()}

    @property
    def input_specs(self) -> tuple[TensorSpec, ...]:
        """What the graph takes."""
        return tuple(_spec(name, array) for name, array in self.arrays.items())


@dataclass(frozen=True, slots=True)
class Reference:
    """What torch makes of a graph's example in float32, and the milliseconds it takes."""

    outputs: Mapping[str, Array]
    ms: float

    @property
    def specs(self) -> tuple[TensorSpec, ...]:
        """What the graph returns."""
        return tuple(_spec(name, array) for name, array in self.outputs.items())


@dataclass(frozen=True, slots=True)
class Checked:
    """How far a converted graph is from its reference, and the milliseconds it takes."""

    deviation: Mapping[str, Deviation]
    ms: float


@torch.inference_mode()
def reference(graph: Graph) -> Reference:
    """Run the module on its example."""
    result, ms = _timed(lambda: graph.module(*graph.inputs.values()))
    tensors = (result,) if isinstance(result, Tensor) else result
    return Reference({name: tensor.numpy() for name, tensor in zip(graph.limits, tensors, strict=True)}, ms)


def check(graph: Graph, wanted: Reference, runner: Runner) -> Checked:
    """Compare what a converted graph computes. Raises Internal when an output is farther off than its limit."""
    found, ms = _timed(lambda: runner.run(graph.arrays))
    deviation = {name: deviation_of(found[name], array) for name, array in wanted.outputs.items()}
    for name, limit in graph.limits.items():
        off = deviation[name]
        # Written so that it also fails for what is not a number.
        if not (off.largest <= limit.largest and off.mean <= limit.mean):
            raise Internal(
                Reason.INTERNAL,
                f"the converted graph {graph.name!r} computes something else: its output {name!r} is off by up to "
                f"{off.largest:.1e}, {off.mean:.1e} in the mean, where {limit.largest:.0e} and {limit.mean:.0e} are "
                "allowed; nothing was written. Report this with the versions of torch and of the converter.",
            )
    return Checked(deviation, ms)


def deviation_of(found: Array, wanted: Array) -> Deviation:
    """How far `found` is from what was `wanted`, of one shape."""
    off = np.abs(found.astype(np.float64) - wanted)
    return Deviation(float(off.max()), float(off.mean()))


def _spec(name: str, array: Array) -> TensorSpec:
    return TensorSpec(name, array.shape, array.dtype.name)


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """The result and the median time of a few runs; of one if it is long."""
    times: list[float] = []
    while True:
        start = time.perf_counter()
        result = work()
        times.append((time.perf_counter() - start) * 1000)
        if len(times) == _RUNS or sum(times) > _LONG_MS:
            return result, statistics.median(times)
