"""What a runner is: named arrays in, named arrays out."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from likeness_animator.runners.stop import Stop

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """An input or output of a graph. `shape` has None where any size will do; `dtype` is a name such as float32."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str

    def accepts(self, array: Array) -> bool:
        """Whether `array` has this type and shape."""
        return array.dtype == np.dtype(self.dtype) and self._fits(array.shape)

    def _fits(self, shape: Sequence[int]) -> bool:
        return len(shape) == len(self.shape) and all(
            wanted in (None, size) for wanted, size in zip(self.shape, shape, strict=True)
        )

    def __str__(self) -> str:
        """Such as mel float32 (*, 1, 80, 16)."""
        return f"{self.name} {self.dtype} ({', '.join('*' if size is None else str(size) for size in self.shape)})"


class Runner(ABC):
    """A graph that is ready to run. Safe to use from several threads at once."""

    def __init__(self, inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec]) -> None:
        self.inputs = tuple(inputs)
        """What `run` takes; less than the graph does once constants are bound."""
        self.outputs = tuple(outputs)
        """What `run` returns."""

    def run(self, inputs: Mapping[str, Array], stop: Stop | None = None) -> dict[str, Array]:
        """The outputs by name, as arrays of the caller's own.

        Raises ValueError, which names it, for an input that is missing, unknown, or of another type or shape, and
        Cancelled once `stop` is set: on a CPU after the operation under way, elsewhere before a run.
        """
        check(inputs, self.inputs)
        stop = stop or Stop()
        stop.check()
        return self._run(inputs, stop)

    def bind(self, **constants: Array) -> "Runner":
        """A runner of the same graph whose inputs `constants` stay where it computes; it shares the weights.

        The arrays are copied. Raises ValueError as `run` does.
        """
        check(constants, [spec for spec in self.inputs if spec.name in constants])
        return self._bound(constants, [spec for spec in self.inputs if spec.name not in constants])

    @abstractmethod
    def close(self) -> None:
        """Let go of the weights, which are freed once all runners that share them are closed. May be called twice.

        A closed runner cannot run: it raises RuntimeError.
        """

    @abstractmethod
    def _run(self, inputs: Mapping[str, Array], stop: Stop) -> dict[str, Array]:
        """`run`, of inputs that are right."""

    @abstractmethod
    def _bound(self, constants: Mapping[str, Array], remaining: Sequence[TensorSpec]) -> "Runner":
        """`bind`, of constants that are right; the new runner takes the `remaining` inputs."""


def check(arrays: Mapping[str, Array], specs: Sequence[TensorSpec]) -> None:
    """Raises ValueError unless there is exactly one right array for each spec."""
    expected = ", ".join(map(str, specs)) or "nothing more"
    wanted = {spec.name for spec in specs}
    if missing := wanted - arrays.keys():
        raise ValueError(f"the graph lacks its input {_listed(missing)}; it takes {expected}")
    if unknown := arrays.keys() - wanted:
        raise ValueError(f"the graph has no input {_listed(unknown)}; it takes {expected}")
    for spec in specs:
        array = arrays[spec.name]
        if not spec.accepts(array):
            raise ValueError(f"the graph takes {spec}, not {array.dtype} {array.shape}")


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
