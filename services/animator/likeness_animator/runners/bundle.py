"""A bundle: a folder with the graphs of an engine in one format, and a manifest that says what they are."""

import dataclasses
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from likeness_animator.runners.coreml import CoreMlRunner
from likeness_animator.runners.onnx import OnnxRunner
from likeness_animator.runners.runner import Runner, TensorSpec
from likeness_common.errors import FailedPrecondition, Reason

MANIFEST = "manifest.json"
FORMATS = {"onnx": ".onnx", "coreml": ".mlpackage"}
"""And how the names of their files end."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far an output is from the one that torch computes in float32."""

    largest: float
    mean: float


@dataclass(frozen=True, slots=True)
class GraphFile:
    """One graph: its file (for Core ML a folder) and the bytes in it, and the deviation of its outputs at export.

    `precision` is float32, float16 or int8; inputs and outputs are float32 in all. In an int8 graph the convolutions
    are, but for those of sensitive parts, and the rest is float32.
    """

    name: str
    file: str
    precision: str
    bytes: int
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    deviation: Mapping[str, Deviation]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle is.

    `weights` has the SHA-256 of each file of weights by name, `versions` those of the packages that made the bundle.
    `checked` names what the deviations were measured on: the files, or, where they cannot be run, the torch modules
    that they were converted from.
    """

    engine: str
    format: str
    size: int
    checked: str
    weights: Mapping[str, str]
    versions: Mapping[str, str]
    graphs: tuple[GraphFile, ...]

    def write(self, folder: Path) -> None:
        """Put it into the bundle's folder."""
        (folder / MANIFEST).write_text(json.dumps(dataclasses.asdict(self), indent=2) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a bundle. Raises FailedPrecondition (ENGINE_UNAVAILABLE) where there is none that can be read."""
    try:
        table = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        graphs = tuple(_graph(entry) for entry in table.pop("graphs"))
        return Manifest(**table, graphs=graphs)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unavailable(f"{folder} is no bundle of graphs ({error}); write one with `likeness export`.") from error


def open_bundle(
    folder: Path, runner: str, device: str = "", threads: int = 0, graphs: Collection[str] = ()
) -> dict[str, Runner]:
    """Runners of the bundle's `graphs` by name; all when none is named.

    `runner` is onnx or coreml, as the bundle's format; `device` and `threads` are for it, and empty or 0 for its
    default. Raises FailedPrecondition (ENGINE_UNAVAILABLE) for a bundle that is damaged, of the other format or without
    one of the graphs, or where the runner does not work.
    """
    manifest = read_manifest(folder)
    if runner != manifest.format:
        raise _unavailable(f"{folder} is a bundle for {manifest.format}; export one with `--to {runner}`.")
    files = {graph.name: graph for graph in manifest.graphs}
    if unknown := set(graphs) - files.keys():
        raise _unavailable(f"{folder} has no graph {', '.join(sorted(unknown))}; it has {', '.join(files)}.")
    return {name: _open(folder, files[name], runner, device, threads) for name in graphs or files}


def _open(folder: Path, graph: GraphFile, runner: str, device: str, threads: int) -> Runner:
    path = folder / graph.file
    if not path.exists():
        raise _unavailable(f"{folder} lacks {graph.file}; write the bundle anew with `likeness export`.")
    if runner == "coreml":
        return CoreMlRunner.open(path, graph.inputs, graph.outputs, device or "all")
    return OnnxRunner.open(path, device or "cpu", threads)


def _graph(entry: Mapping[str, Any]) -> GraphFile:
    specs = {side: tuple(_spec(spec) for spec in entry[side]) for side in ("inputs", "outputs")}
    deviation = {name: Deviation(**values) for name, values in entry["deviation"].items()}
    return GraphFile(entry["name"], entry["file"], entry["precision"], entry["bytes"], **specs, deviation=deviation)


def _spec(entry: Mapping[str, Any]) -> TensorSpec:
    return TensorSpec(entry["name"], tuple(entry["shape"]), entry["dtype"])


def _unavailable(message: str) -> FailedPrecondition:
    return FailedPrecondition(Reason.ENGINE_UNAVAILABLE, message)
