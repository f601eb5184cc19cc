"""Export of an engine's graphs to a bundle, which runners open. Its packages are asked for only when it runs."""

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from likeness_common.errors import FailedPrecondition, InvalidArgument, Reason
from likeness_common.weights import WeightStore

ENGINES: Mapping[str, str] = MappingProxyType({"sadtalker": "likeness_animator.engines.sadtalker.export"})
"""Modules with a function `export(job, store, tell)`, by engine."""

PACKAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"onnx": ("torch", "onnx"), "coreml": ("torch", "coremltools")}
)
"""What the formats need beyond a plain installation."""

PRECISIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"onnx": ("float32", "float16", "int8"), "coreml": ("float32", "float16")}
)
"""What the heavy graphs can compute in, by format."""

PIP_COMMAND = "pip install 'likeness-animator[export]'"


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be written: `format` is onnx or coreml, `size` the side of a picture, `output` a folder yet to be.

    `precision`, of PRECISIONS, is for the heavy graphs, and in Core ML for all.
    """

    format: str
    precision: str
    size: int
    output: Path


def export(engine: str, job: Job, store: WeightStore, tell: Callable[[str], None]) -> None:
    """Write a bundle, or nothing; `tell` gets a line on every graph.

    Raises InvalidArgument for an engine or a job that cannot be, FailedPrecondition (ENGINE_UNAVAILABLE) when packages
    or weights are missing, and Internal for a graph that computes something else after its conversion.
    """
    if engine not in ENGINES:
        raise InvalidArgument(
            Reason.ENGINE_UNKNOWN,
            f"{engine[:40]!r} has no graphs to export; choose {', '.join(ENGINES)}",
            field="engine",
        )
    if job.output.exists():
        raise InvalidArgument(
            Reason.FIELD_INVALID, f"{job.output} is there already; remove it or name another folder", field="output"
        )
    if job.precision not in PRECISIONS[job.format]:
        raise InvalidArgument(
            Reason.FIELD_INVALID,
            f"{job.format} bundles are in {' or '.join(PRECISIONS[job.format])}, not {job.precision}",
            field="precision",
        )
    for package in PACKAGES[job.format]:
        if importlib.util.find_spec(package) is None:
            raise FailedPrecondition(
                Reason.ENGINE_UNAVAILABLE, f"exporting needs the package {package}; run `{PIP_COMMAND}` and try again"
            )
    importlib.import_module(ENGINES[engine]).export(job, store, tell)
