"""Graphs as ONNX files, run by ONNX Runtime on a CPU, through Core ML or on an NVIDIA GPU."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from likeness_animator.onnx import onnxruntime
from likeness_animator.runners.runner import Array, Runner, TensorSpec
from likeness_animator.runners.stop import Stop

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider", "coreml": "CoreMLExecutionProvider"}
_CPU = PROVIDERS["cpu"]
_DTYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
}


class OnnxRunner(Runner):
    """Runs one file. What is bound lies in the memory of the device; on a CPU it is not copied for a run either."""

    def __init__(self, session: Any, device: str) -> None:
        """Of an open session; `OnnxRunner.open` makes one."""
        super().__init__(_specs(session.get_inputs()), _specs(session.get_outputs()))
        self._session, self._device = session, device
        self._constants: dict[str, Any] = {}

    @classmethod
    def open(cls, path: Path, device: str = "cpu", threads: int = 0) -> "OnnxRunner":
        """Load a file for `device`: cpu, cuda or coreml. `threads` 0 leaves their number to the runtime.

        Raises ValueError for a device that is unknown, or that this build of ONNX Runtime does not have.
        """
        if device not in PROVIDERS:
            raise ValueError(f"ONNX Runtime runs on {', '.join(PROVIDERS)}, not on {device!r}")
        if PROVIDERS[device] not in onnxruntime.get_available_providers():
            raise ValueError(
                f"this build of ONNX Runtime lacks {PROVIDERS[device]}; choose cpu or install one that has it"
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # What a device does not have runs on the CPU: Core ML, for one, looks up places in flat pictures only.
        providers = list(dict.fromkeys((PROVIDERS[device], _CPU)))
        return cls(onnxruntime.InferenceSession(path, options, providers=providers), device)

    def close(self) -> None:
        """See Runner."""
        self._session = None
        self._constants = {}

    def _run(self, inputs: Mapping[str, Array], stop: Stop) -> dict[str, Array]:
        session, options = self._opened(), onnxruntime.RunOptions()
        binding = session.io_binding()
        for name, value in self._constants.items():
            binding.bind_ortvalue_input(name, value)
        for name, array in inputs.items():
            binding.bind_cpu_input(name, np.ascontiguousarray(array))
        for spec in self.outputs:
            binding.bind_output(spec.name)
        with stop.calling(lambda: setattr(options, "terminate", True)):
            try:
                session.run_with_iobinding(binding, options)
            except Exception:
                stop.check()  # a run that is told to end fails
                raise
        return dict(zip((spec.name for spec in self.outputs), binding.copy_outputs_to_cpu(), strict=True))

    def _bound(self, constants: Mapping[str, Array], remaining: Sequence[TensorSpec]) -> "OnnxRunner":
        bound = OnnxRunner(self._opened(), self._device)
        bound.inputs = tuple(remaining)
        place = "cuda" if self._device == "cuda" else "cpu"
        values = {
            name: onnxruntime.OrtValue.ortvalue_from_numpy(np.array(array, order="C"), place)
            for name, array in constants.items()
        }
        bound._constants = self._constants | values
        return bound

    def _opened(self) -> Any:
        if self._session is None:
            raise RuntimeError("this runner is closed")
        return self._session


def _specs(nodes: Sequence[Any]) -> list[TensorSpec]:
    """Names of sizes, and sizes that are not known, become None."""
    return [
        TensorSpec(node.name, tuple(size if isinstance(size, int) else None for size in node.shape), _DTYPES[node.type])
        for node in nodes
    ]
