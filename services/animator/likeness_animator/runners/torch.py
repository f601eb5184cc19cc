"""Graphs as torch modules, on a CPU, an NVIDIA GPU or an Apple GPU."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from likeness_animator.runners.runner import Array, Runner, TensorSpec
from likeness_animator.runners.stop import Stop

DEVICES = ("cpu", "cuda", "mps")


class TorchRunner(Runner):
    """Runs a module whose `forward` takes the inputs by name and returns the outputs in order.

    Arrays of the caller have the types of the specs, whatever the module computes in.
    """

    def __init__(
        self,
        module: nn.Module,
        inputs: Sequence[TensorSpec],
        outputs: Sequence[TensorSpec],
        device: str = "cpu",
    ) -> None:
        """`module` moves to `device`. Raises ValueError for a device that is unknown or not here."""
        super().__init__(inputs, outputs)
        _require(device)
        self._module: nn.Module | None = module.eval().to(device)
        self._device = torch.device(device)
        self._constants: dict[str, Tensor] = {}

    def close(self) -> None:
        """See Runner."""
        self._module = None
        self._constants = {}

    @torch.inference_mode()
    def _run(self, inputs: Mapping[str, Array], stop: Stop) -> dict[str, Array]:
        if self._module is None:
            raise RuntimeError("this runner is closed")
        tensors = {name: self._tensor(array) for name, array in inputs.items()}
        with _Checked(stop) if self._device.type == "cpu" else nullcontext():
            result = self._module(**self._constants, **tensors)
        found = (result,) if isinstance(result, Tensor) else result
        return {spec.name: self._array(tensor, spec) for spec, tensor in zip(self.outputs, found, strict=True)}

    @torch.inference_mode()
    def _bound(self, constants: Mapping[str, Array], remaining: Sequence[TensorSpec]) -> "TorchRunner":
        if self._module is None:
            raise RuntimeError("this runner is closed")
        bound = TorchRunner(self._module, remaining, self.outputs, self._device.type)
        copies = {name: self._tensor(array).clone() for name, array in constants.items()}
        bound._constants = self._constants | copies
        return bound

    def _tensor(self, array: Array) -> Tensor:
        return torch.tensor(array, device=self._device)

    @staticmethod
    def _array(tensor: Tensor, spec: TensorSpec) -> Array:
        array: Array = tensor.to("cpu", getattr(torch, spec.dtype)).numpy()
        return array


class _Checked(TorchFunctionMode):
    """Looks at a `stop` before every operation of torch in this thread."""

    def __init__(self, stop: Stop) -> None:
        super().__init__()
        self._stop = stop

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """See TorchFunctionMode."""
        del types
        self._stop.check()
        return func(*args, **(kwargs or {}))


def _require(device: str) -> None:
    """Raises ValueError unless `device` can be used."""
    if device not in DEVICES:
        raise ValueError(f"torch runs on {', '.join(DEVICES)}, not on {device!r}")
    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not here[device]:
        raise ValueError(f"this machine, or this build of torch, has no {device}; choose cpu")
