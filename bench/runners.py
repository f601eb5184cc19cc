"""What each graph of SadTalker costs and how far off it is, runner by runner, on one core.

    python -m bench.runners [--side 256] [--runs 3] [--graphs frame source] [--reduced] [--json]

Weights are stand-ins of the official shapes, and each graph runs on the example that exports are held to. All forms
take turns, each with one thread; the median of `--runs` counts. Errors are against the plain networks in torch in
float32. Graphs of motion are never in less than float32.
"""

import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

import torch

from bench import report
from likeness_animator.engines.sadtalker import export
from likeness_animator.engines.sadtalker.fast.generator import FastGenerator
from likeness_animator.engines.sadtalker.graphs import FrameGraph
from likeness_animator.engines.sadtalker.loading import SHAPES
from likeness_animator.engines.sadtalker.networks.generator import Generator
from likeness_animator.export import PRECISIONS, onnx
from likeness_animator.export.bundle import bytes_in
from likeness_animator.export.graph import Graph, deviation_of, reference
from likeness_animator.runners import Array, Runner
from likeness_animator.runners.onnx import OnnxRunner
from likeness_animator.runners.torch import TorchRunner
from tests.fakes.sadtalker import small_networks
from tests.parity.sadtalker.golden import every, network

PLAIN = "torch, plain"


@dataclass(frozen=True)
class Figures:
    """One output of a graph, in one form."""

    graph: str
    form: str
    file_mb: float
    """0 without a file."""
    cpu_ms: float
    """Of the processor, for a run of the whole graph."""
    ratio: float
    """Of that to the plain form."""
    output: str
    largest_error: float
    mean_error: float


def forms(graph: Graph, folder: Path) -> dict[str, Runner]:
    """A graph on every runner, in every precision that it has; files are named like the forms."""
    specs = graph.input_specs, reference(graph).specs
    runners: dict[str, Runner] = {PLAIN: TorchRunner(graph.module, *specs)}
    if isinstance(graph.module, FrameGraph) and isinstance(graph.module.generator, Generator):
        fast = FrameGraph(FastGenerator(graph.module.generator))
        runners["torch, fast"] = TorchRunner(fast, *specs)
    precisions = {"float32": True, "float16": graph.heavy, "int8": bool(graph.calibration)}
    for precision in (name for name in PRECISIONS["onnx"] if precisions[name]):
        form = f"ONNX, {precision}"
        onnx.write(graph, folder / form, precision)
        runners[form] = OnnxRunner.open(folder / form, threads=1)
    return runners


def timed(runner: Runner, inputs: Mapping[str, Array]) -> tuple[float, dict[str, Array]]:
    """Milliseconds of this process, and the result."""
    started = time.process_time()
    found = runner.run(inputs)
    return (time.process_time() - started) * 1000, found


def compare(graph: Graph, runs: int) -> list[Figures]:
    """All forms of a graph, which take turns."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        runners = forms(graph, folder)
        turns = [{form: timed(runner, graph.arrays) for form, runner in runners.items()} for _ in range(runs)]
        medians = {form: statistics.median(turn[form][0] for turn in turns) for form in runners}
        sizes = {form: bytes_in(folder / form) / 1e6 if (folder / form).exists() else 0.0 for form in runners}
    figures = []
    for form, (_, outputs) in turns[-1].items():
        for output, array in outputs.items():
            off = deviation_of(array, turns[-1][PLAIN][1][output])
            cost = sizes[form], medians[form], medians[form] / medians[PLAIN]
            figures.append(Figures(graph.name, form, *cost, output, off.largest, off.mean))
    return figures


def main() -> None:
    """Print the table."""
    arguments = report.parser(__doc__ or "")
    arguments.add_argument("--side", type=int, default=256, help="of pictures (256)")
    arguments.add_argument("--runs", type=int, default=3, help="of each form (3)")
    arguments.add_argument("--graphs", nargs="*", choices=SHAPES, default=list(SHAPES), help="which (all)")
    arguments.add_argument("--reduced", action="store_true", help="small networks, which are quick to draw nonsense")
    asked = arguments.parse_args()
    torch.set_num_threads(1)
    networks = small_networks() if asked.reduced else every(network)
    graphs = (graph for graph in export.graphs(networks, asked.side, "int8") if graph.name in asked.graphs)
    figures = [row for graph in graphs for row in compare(graph, asked.runs)]
    if asked.json:
        report.emit_json({"side": asked.side, "runs": asked.runs, "figures": [asdict(row) for row in figures]})
        return
    head = ["graph", "form", "file MB", "CPU ms", "ratio", "output", "largest error", "mean error"]
    report.table(f"Graphs for {asked.side}x{asked.side} on one core", head, [astuple(row) for row in figures])


if __name__ == "__main__":
    main()
