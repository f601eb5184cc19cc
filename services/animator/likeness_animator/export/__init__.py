"""Export of an engine's graphs to a bundle, which runners open. Its packages are asked for only when it runs."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from likeness_common.errors import FailedPrecondition, InvalidArgument, Reason
from likeness_common.weights import WeightStore

ENGINES: Mapping[str, str] = MappingProxyType({"sadtalker": "likeness_animator.engines.sadtalker.export"})
"""Modules with a function `export(job, store, tell)`, by engine."""

PIP_COMMAND = "pip install 'likeness-animator[export]'"


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be written: `format` is onnx or coreml, `size` the side of a picture, `output` a folder yet to be."""

    format: str
    half: bool
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
    try:
        module = importlib.import_module(ENGINES[engine])
        module.export(job, store, tell)
    except ModuleNotFoundError as error:
        raise FailedPrecondition(
            Reason.ENGINE_UNAVAILABLE, f"exporting needs the package {error.name}; run `{PIP_COMMAND}` and try again"
        ) from error
