"""ONNX Runtime is a guest in the process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit


def test_it_leaves_no_trace(tmp_path: Path) -> None:
    code = "from likeness_animator.engines.mesh.listening.network import network; network()"
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment | {"TMPDIR": str(tmp_path)})
    assert list(tmp_path.rglob("*")) == []


def test_nothing_else_imports_it() -> None:
    package = Path(__file__).parents[3] / "services" / "animator" / "likeness_animator"
    assert [path.name for path in package.rglob("*.py") if "\nimport onnxruntime" in path.read_text()] == ["onnx.py"]
