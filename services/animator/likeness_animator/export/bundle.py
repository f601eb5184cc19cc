"""Writing of bundles: all of one or nothing."""

import tempfile
from collections.abc import Callable, Iterable, Mapping
from importlib import metadata
from pathlib import Path

from likeness_animator.export import Job, coreml, onnx
from likeness_animator.export.graph import Checked, Graph, Reference, check, reference
from likeness_animator.runners.bundle import FORMATS, GraphFile, Manifest
from likeness_animator.runners.coreml import CoreMlRunner, predicts
from likeness_animator.runners.onnx import OnnxRunner
from likeness_animator.runners.runner import Runner
from likeness_animator.runners.torch import TorchRunner

Tell = Callable[[str], None]

_PACKAGES = {"onnx": ("onnx", "onnxruntime"), "coreml": ("coremltools",)}


def write_bundle(engine: str, graphs: Iterable[Graph], weights: Mapping[str, str], job: Job, tell: Tell) -> None:
    """Convert, check and write `graphs`; `weights` has the SHA-256 of each file of weights by name.

    The folder appears when everything in it is right. Raises Internal for a graph that fails its check.
    """
    job.output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{job.output.name}-", dir=job.output.parent) as scratch:
        folder = Path(scratch) / job.output.name
        folder.mkdir()
        files = tuple(_add(graph, folder, job, tell) for graph in graphs)
        manifest = Manifest(
            engine=engine,
            format=job.format,
            size=job.size,
            checked="files" if _runs_here(job.format) else "modules",
            weights=dict(weights),
            versions=_versions(job.format),
            graphs=files,
        )
        manifest.write(folder)
        folder.rename(job.output)


def _add(graph: Graph, folder: Path, job: Job, tell: Tell) -> GraphFile:
    """Write one graph into the folder, check it and tell of it."""
    path = folder / f"{graph.name}{FORMATS[job.format]}"
    write = onnx.write if job.format == "onnx" else coreml.write
    precision = _precision(graph, job)
    listed = write(graph, path, precision)
    wanted = reference(graph)
    runner = _runner(graph, wanted, path, job.format)
    try:
        checked = check(graph, wanted, runner)
    finally:
        runner.close()
    size = bytes_in(path)
    tell(_line(graph, precision, wanted, checked, size))
    if listed:
        tell(f"  {listed}")
    return GraphFile(graph.name, path.name, precision, size, graph.input_specs, wanted.specs, checked.deviation)


def _precision(graph: Graph, job: Job) -> str:
    """What a graph computes in. Those that are not heavy take no time, and say where a face moves."""
    gains = graph.calibration if job.precision == "int8" else graph.heavy or job.format == "coreml"
    return job.precision if gains else "float32"


def _runs_here(format_: str) -> bool:
    return format_ == "onnx" or predicts()


def _runner(graph: Graph, wanted: Reference, path: Path, format_: str) -> Runner:
    """What runs the file, or, where nothing does, the module that it was converted from."""
    if format_ == "onnx":
        return OnnxRunner.open(path)
    if predicts():
        return CoreMlRunner.open(path, graph.input_specs, wanted.specs)
    return TorchRunner(graph.portable, graph.input_specs, wanted.specs)


def _line(graph: Graph, precision: str, wanted: Reference, checked: Checked, size: int) -> str:
    errors = "; ".join(
        f"{name} off by {off.largest:.1e}, mean {off.mean:.1e}" for name, off in checked.deviation.items()
    )
    return f"{graph.name}: {precision}, {size / 1e6:.1f} MB; {errors}; {checked.ms:.1f} ms, torch {wanted.ms:.1f} ms"


def bytes_in(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def _versions(format_: str) -> dict[str, str]:
    return {name: metadata.version(name) for name in ("likeness-animator", "torch", *_PACKAGES[format_])}
