"""Bundles of SadTalker's graphs, at reduced size."""

import platform
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from likeness_animator.engines.sadtalker import export
from likeness_animator.engines.sadtalker.loading import HEAVY
from likeness_animator.export import Job, coreml
from likeness_animator.export import export as export_engine
from likeness_animator.export import onnx as onnx_files
from likeness_animator.export.bundle import bytes_in, write_bundle
from likeness_animator.export.graph import Graph, check, reference
from likeness_animator.runners.bundle import Deviation, open_bundle, read_manifest
from likeness_animator.runners.coreml import CoreMlRunner, predicts
from likeness_animator.runners.torch import TorchRunner
from likeness_common.errors import FailedPrecondition, Internal, InvalidArgument
from likeness_common.weights import WeightStore
from tests.parity.sadtalker.golden import SMALL_SIDE
from tests.unit.animator.sadtalker import stand_in

pytestmark = pytest.mark.unit

NAMES = ["reconstruction", "source", "speech", "pose", "keypoints", "keypoints_full", "frame"]
WEIGHTS = {"stand-in.safetensors": "0" * 64}


def onnx_job(folder: Path, precision: str = "float32") -> Job:
    return Job("onnx", precision, SMALL_SIDE, folder / "bundle")


@pytest.fixture(scope="module", params=["float32", "float16", "int8"])
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    job, lines = onnx_job(tmp_path_factory.mktemp("bundle"), request.param), list[str]()
    write_bundle("sadtalker", stand_in.graphs(job.precision), WEIGHTS, job, lines.append)
    return job.output, lines


def test_a_bundle_says_what_it_is(bundle: tuple[Path, list[str]], request: pytest.FixtureRequest) -> None:
    folder, lines = bundle
    manifest = read_manifest(folder)
    assert [graph.name for graph in manifest.graphs] == NAMES
    assert (manifest.engine, manifest.format, manifest.size) == ("sadtalker", "onnx", SMALL_SIDE)
    precision = request.node.callspec.params["bundle"]
    less = ("frame",) if precision == "int8" else HEAVY
    assert {g.name: g.precision for g in manifest.graphs} == {n: precision if n in less else "float32" for n in NAMES}
    assert [line.split(",")[0] for line in lines] == [f"{graph.name}: {graph.precision}" for graph in manifest.graphs]
    assert manifest.checked == "files"
    assert manifest.weights == WEIGHTS
    assert manifest.versions["torch"] == torch.__version__
    assert sorted(path.name for path in folder.iterdir()) == sorted(["manifest.json", *(f"{n}.onnx" for n in NAMES)])
    assert [graph.bytes for graph in manifest.graphs] == [
        (folder / graph.file).stat().st_size for graph in manifest.graphs
    ]


def test_the_graphs_of_a_bundle_compute_what_torch_does(bundle: tuple[Path, list[str]]) -> None:
    runners, manifest = open_bundle(bundle[0], "onnx", threads=1), read_manifest(bundle[0])
    for file, graph in zip(manifest.graphs, stand_in.graphs(manifest.graphs[-1].precision), strict=True):
        runner = runners[graph.name]
        assert runner.inputs == file.inputs == graph.input_specs
        assert runner.outputs == file.outputs
        found = runner.run(graph.arrays)
        for name, wanted in reference(graph).outputs.items():
            off = np.abs(found[name] - wanted)
            assert off.max() <= graph.limits[name].largest
            # Sums in another order may round to the next of the 256 numbers.
            slack = 2e-3 if file.precision == "int8" else 1e-6
            assert off.max() == pytest.approx(file.deviation[name].largest, abs=slack)
            assert off.mean() == pytest.approx(file.deviation[name].mean, abs=slack)
        runner.close()


def test_half_precision_makes_pictures_smaller_and_leaves_motion_alone(tmp_path: Path) -> None:
    sizes = {}
    for precision in ("float32", "float16"):
        job = replace(onnx_job(tmp_path, precision), output=tmp_path / precision)
        write_bundle("sadtalker", chosen("reconstruction", "pose", precision=precision), WEIGHTS, job, lambda _: None)
        sizes[precision] = {graph.name: graph.bytes for graph in read_manifest(job.output).graphs}
    assert sizes["float16"]["reconstruction"] < 0.8 * sizes["float32"]["reconstruction"]
    assert sizes["float16"]["pose"] == sizes["float32"]["pose"]


def test_a_graph_that_computes_something_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = onnx_files.write

    def sabotaged(graph: Graph, path: Path, precision: str) -> str:
        told = write(graph, path, precision)
        if graph.name == "pose":
            change_one_weight(path)
        return told

    monkeypatch.setattr(onnx_files, "write", sabotaged)
    with pytest.raises(Internal, match="'pose' computes something else: its output 'motion' is off by up to"):
        write_bundle("sadtalker", chosen("speech", "pose"), WEIGHTS, onnx_job(tmp_path), lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_a_result_that_is_no_number_is_refused(tmp_path: Path) -> None:
    class Hollow(nn.Module):
        def forward(self, **_: torch.Tensor) -> torch.Tensor:
            return torch.full((1, 32, 6), torch.nan)

    case = stand_in.graph("pose")
    runner = TorchRunner(Hollow(), case.input_specs, reference(case).specs)
    with pytest.raises(Internal, match="off by up to nan"):
        check(case, reference(case), runner)


def test_int8_convolutions_keep_clear_of_what_is_sensitive(tmp_path: Path) -> None:
    onnx_files.write(stand_in.graph("frame", "int8"), tmp_path / "frame", "int8")
    frame = onnx.load(tmp_path / "frame").graph
    rounded = convolutions_in_int8(frame)
    assert "/generator/decoder/up_1/norm_0/mlp_gamma/Conv" in rounded
    assert all(name.startswith("/generator/decoder/") and "/mlp_" in name for name in rounded)
    assert not reading_int8(frame) - rounded


def test_int8_weights_leave_room_for_sums_of_two_products(tmp_path: Path) -> None:
    path = tmp_path / "frame.onnx"
    onnx_files.write(stand_in.graph("frame", "int8"), path, "int8")
    weights = [tensor for tensor in onnx.load(path).graph.initializer if tensor.data_type == onnx.TensorProto.INT8]
    largest = [int(np.abs(numpy_helper.to_array(tensor)).max()) for tensor in weights if len(tensor.dims) > 1]
    assert largest
    assert max(largest) == 64


def test_an_int8_graph_that_was_badly_calibrated_is_refused(tmp_path: Path) -> None:
    # The networks of reduced size hardly feel it, so the limit is that of their own error.
    case = replace(stand_in.graph("frame", "int8"), limits={"picture": Deviation(2e-2, 2e-3)})
    dark = [{name: tensor / 1000 for name, tensor in example.items()} for example in case.calibration]
    with pytest.raises(Internal, match="'frame' computes something else: its output 'picture'"):
        write_bundle(
            "sadtalker", [replace(case, calibration=dark)], WEIGHTS, onnx_job(tmp_path, "int8"), lambda _: None
        )
    assert list(tmp_path.iterdir()) == []
    write_bundle("sadtalker", [case], WEIGHTS, onnx_job(tmp_path, "int8"), lambda _: None)


def test_core_ml_has_no_int8(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="coreml bundles are in float32 or float16, not int8"):
        export_engine(
            "sadtalker",
            replace(onnx_job(tmp_path, "int8"), format="coreml"),
            WeightStore(tmp_path),
            lambda _: None,
        )


def test_an_interrupted_export_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_bundle("sadtalker", chosen("pose"), WEIGHTS, onnx_job(tmp_path), interrupt)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("precision", "names"), [("float32", ["pose"]), ("float16", NAMES)], ids=["float32", "float16"]
)
def test_graphs_become_core_ml_packages(tmp_path: Path, precision: str, names: list[str]) -> None:
    job, lines = replace(onnx_job(tmp_path, precision), format="coreml"), list[str]()
    write_bundle("sadtalker", chosen(*names, precision=precision), WEIGHTS, job, lines.append)
    manifest = read_manifest(job.output)
    assert [graph.name for graph in manifest.graphs] == names
    assert {graph.precision for graph in manifest.graphs} == {precision}
    assert manifest.checked == ("files" if predicts() else "modules")
    assert all((job.output / graph.file / "Manifest.json").is_file() for graph in manifest.graphs)
    assert all(graph.bytes == bytes_in(job.output / graph.file) > 0 for graph in manifest.graphs)
    assert precision == "float32" or "resample 2" in lines[-1]
    assert not predicts() or set(open_bundle(job.output, "coreml")) == set(names)


@pytest.mark.skipif(not predicts(), reason="Core ML predicts on macOS only")
@pytest.mark.parametrize("name", NAMES)
def test_core_ml_predicts_what_torch_computes(name: str, tmp_path: Path) -> None:
    case = stand_in.graph(name)
    wanted, path = reference(case), tmp_path / f"{name}.mlpackage"
    coreml.write(case, path, "float32")
    check(case, wanted, CoreMlRunner.open(path, case.input_specs, wanted.specs, "cpu"))


def test_what_core_ml_cannot_run_is_listed(tmp_path: Path) -> None:
    coreml.write(stand_in.graph("keypoints"), tmp_path / "keypoints.mlpackage", "float32")
    spec = import_module("coremltools.models.utils").load_spec(str(tmp_path / "keypoints.mlpackage"))
    model = SimpleNamespace(get_spec=lambda: spec)
    assert coreml.unsupported(model) == []
    assert coreml.operations(model)["conv"] == 4
    (block,) = spec.mlProgram.functions["main"].block_specializations.values()
    block.operations[-1].type = "look_up_volume"
    block.operations[-2].outputs[0].type.tensorType.rank = 6
    assert set(coreml.unsupported(model)) == {f"{block.operations[-2].type} of 6 dimensions", "look_up_volume"}


def test_core_ml_says_where_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    with pytest.raises(FailedPrecondition, match="Core ML predicts on macOS only"):
        CoreMlRunner.open(tmp_path, (), ())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("coreml",), "is a bundle for onnx; export one with `--to coreml`"),
        (("onnx", "", 0, ["pose", "sound"]), "has no graph sound; it has reconstruction, source"),
    ],
)
def test_a_bundle_that_does_not_fit_is_refused(
    bundle: tuple[Path, list[str]], arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(FailedPrecondition, match=message):
        open_bundle(bundle[0], *arguments)


def test_a_damaged_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FailedPrecondition, match="is no bundle of graphs"):
        open_bundle(tmp_path, "onnx")
    job = onnx_job(tmp_path)
    write_bundle("sadtalker", chosen("pose"), WEIGHTS, job, lambda _: None)
    (job.output / "pose.onnx").unlink()
    with pytest.raises(FailedPrecondition, match=r"lacks pose\.onnx; write the bundle anew"):
        open_bundle(job.output, "onnx")


def test_sizes_without_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="size must be 256 or 512, not 64"):
        export.export(onnx_job(tmp_path), WeightStore(tmp_path), lambda _: None)


def chosen(*names: str, precision: str = "float32") -> list[Graph]:
    return [stand_in.graph(name, precision) for name in names]


def convolutions_in_int8(graph: onnx.GraphProto) -> set[str]:
    """Names of those whose weight is a rounded one."""
    scaled = {node.output[0] for node in graph.node if node.op_type == "DequantizeLinear"}
    return {node.name for node in graph.node if node.op_type == "Conv" and node.input[1] in scaled}


def reading_int8(graph: onnx.GraphProto) -> set[str]:
    """Names of convolutions of rounded numbers."""
    scaled = {node.output[0] for node in graph.node if node.op_type == "DequantizeLinear"}
    return {node.name for node in graph.node if node.op_type == "Conv" and node.input[0] in scaled}


def change_one_weight(path: Path) -> None:
    model = onnx.load(path)
    weight = max(model.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    changed = numpy_helper.to_array(weight).copy()
    changed += 1
    weight.CopyFrom(numpy_helper.from_array(changed, weight.name))
    onnx.save(model, path)
