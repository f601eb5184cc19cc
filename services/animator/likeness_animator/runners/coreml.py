"""Graphs as Core ML packages: macOS runs them on the CPU, the GPU and the Neural Engine."""

import importlib
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from likeness_animator.runners.runner import Array, Runner, TensorSpec
from likeness_animator.runners.stop import Stop
from likeness_common.errors import FailedPrecondition, Reason

UNITS = {"all": "ALL", "cpu": "CPU_ONLY", "gpu": "CPU_AND_GPU", "ane": "CPU_AND_NE"}
"""What may compute; Core ML chooses among it layer by layer."""


class CoreMlRunner(Runner):
    """Runs one package. Core ML takes its inputs anew for every run, so what is bound is only kept at hand."""

    def __init__(self, model: Any, inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec]) -> None:
        """Of a loaded model; `CoreMlRunner.open` makes one."""
        super().__init__(inputs, outputs)
        self._model = model
        self._constants: dict[str, Array] = {}

    @classmethod
    def open(
        cls, path: Path, inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec], device: str = "all"
    ) -> "CoreMlRunner":
        """Load a package for `device`: all, cpu, gpu or ane.

        Raises ValueError for an unknown device, and FailedPrecondition (ENGINE_UNAVAILABLE) where Core ML is missing.
        """
        if device not in UNITS:
            raise ValueError(f"Core ML runs on {', '.join(UNITS)}, not on {device!r}")
        tools = _coremltools()
        return cls(tools.models.MLModel(str(path), compute_units=tools.ComputeUnit[UNITS[device]]), inputs, outputs)

    def close(self) -> None:
        """See Runner."""
        self._model = None
        self._constants = {}

    def _run(self, inputs: Mapping[str, Array], stop: Stop) -> dict[str, Array]:
        del stop  # Core ML cannot be interrupted
        result = self._opened().predict({**self._constants, **inputs})
        return {spec.name: result[spec.name].astype(spec.dtype) for spec in self.outputs}

    def _bound(self, constants: Mapping[str, Array], remaining: Sequence[TensorSpec]) -> "CoreMlRunner":
        bound = CoreMlRunner(self._opened(), remaining, self.outputs)
        bound._constants = self._constants | {name: array.copy() for name, array in constants.items()}
        return bound

    def _opened(self) -> Any:
        if self._model is None:
            raise RuntimeError("this runner is closed")
        return self._model


def predicts() -> bool:
    """Whether this system has Core ML."""
    return platform.system() == "Darwin"


def _coremltools() -> Any:
    """The package, where it can predict. Raises FailedPrecondition (ENGINE_UNAVAILABLE) elsewhere."""
    if not predicts():
        raise FailedPrecondition(
            Reason.ENGINE_UNAVAILABLE,
            f"Core ML predicts on macOS only, and this is {platform.system()}; run an export `--to onnx` here.",
        )
    try:
        return importlib.import_module("coremltools")
    except ModuleNotFoundError as error:
        raise FailedPrecondition(
            Reason.ENGINE_UNAVAILABLE,
            f"Core ML needs the package {error.name}; run `pip install 'likeness-animator[export]'`.",
        ) from error
