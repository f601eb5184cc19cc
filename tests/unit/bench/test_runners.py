"""Runners side by side, on a small network."""

import pytest

from bench import runners
from tests.unit.animator.sadtalker import stand_in

pytestmark = pytest.mark.unit


def test_all_forms_of_a_graph_are_compared() -> None:
    rows = runners.compare(stand_in.graph("reconstruction"), runs=1)
    assert [row.form for row in rows] == [runners.PLAIN, "ONNX, float32", "ONNX, float16"]
    plain, single, half = rows
    assert (plain.ratio, plain.file_mb, plain.largest_error, plain.mean_error) == (1, 0, 0, 0)
    assert single.mean_error < half.mean_error / 10
    assert single.ratio == single.cpu_ms / plain.cpu_ms
    assert half.file_mb < single.file_mb


def test_graphs_of_motion_have_one_precision() -> None:
    rows = runners.compare(stand_in.graph("speech"), runs=1)
    assert [(row.form, row.output) for row in rows] == [
        (form, output) for form in (runners.PLAIN, "ONNX, float32") for output in ("expression", "heard")
    ]
