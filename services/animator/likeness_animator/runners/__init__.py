"""Runners compute graphs on torch, ONNX Runtime or Core ML. An engine names arrays, and does not know which it is."""

from likeness_animator.runners.runner import Array, Runner, TensorSpec
from likeness_animator.runners.stop import Stop

__all__ = ["Array", "Runner", "Stop", "TensorSpec"]
