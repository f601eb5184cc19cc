"""ONNX Runtime, told to keep what it sees to itself; import it from here only."""

import os

# Read once, when the library is loaded. Without it the runtime reports to its makers and leaves files in TMPDIR.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

__all__ = ["onnxruntime"]
