"""Which engines there are. Adding one adds a folder under engines/ and a row here."""

import importlib
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from likeness_animator.engine import Engine
from likeness_animator.portrait.analyser import WEIGHTS as PORTRAIT_WEIGHTS
from likeness_common.errors import FailedPrecondition, InvalidArgument, Reason
from likeness_common.stages.animator import EngineInfo
from likeness_common.weights import FileState, WeightStore, load, names

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """Where an engine's class is ("module:Class"), and the extra of this distribution that installs its packages."""

    target: str
    extra: str = ""


ENGINES: Mapping[str, Entry] = MappingProxyType(
    {
        "mesh": Entry("likeness_animator.engines.mesh.engine:MeshEngine"),
        "sadtalker": Entry("likeness_animator.engines.sadtalker.engine:SadTalkerEngine", extra="sadtalker"),
    }
)
"""The default first."""


class EngineRegistry:
    """Imports engines when they are first asked for and keeps one instance of each. Safe to use from any thread."""

    def __init__(
        self,
        weights: WeightStore,
        entries: Mapping[str, Entry] = ENGINES,
        settings: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """`settings` are for engines, by their names."""
        self._weights = weights
        self._settings = settings
        self._entries = entries
        self._loaded: dict[str, Engine] = {}
        self._lock = threading.Lock()

    def infos(self) -> list[EngineInfo]:
        """Every engine, the default first; those that cannot render now say what to do."""
        return [self._info(name) for name in self._entries]

    def engine(self, name: str) -> Engine:
        """The engine `name`.

        Raises InvalidArgument (ENGINE_UNKNOWN), or FailedPrecondition (ENGINE_UNAVAILABLE) with the fix.
        """
        if name not in self._entries:
            known = ", ".join(self._entries)
            raise InvalidArgument(
                Reason.ENGINE_UNKNOWN,
                f"engine {name[:40]!r} is not known; the engines are: {known}",
                field="engine",
                metadata={"known": known},
            )
        engine = self._load(name)
        if missing := self._missing_weights(engine.info):
            raise _unavailable(name, missing)
        return engine

    def _info(self, name: str) -> EngineInfo:
        try:
            info = self._load(name).info
        except FailedPrecondition as error:
            return _unknown_info(name, error.message)
        return replace(
            info,
            unavailable_reason=self._missing_weights(info),
            commercial_restriction=info.commercial_restriction or _commercial_restriction(info),
        )

    def _load(self, name: str) -> Engine:
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = _create(name, self._entries[name], self._weights, self._settings.get(name))
            return self._loaded[name]

    def _missing_weights(self, info: EngineInfo) -> str:
        """How to get the weights that are missing for `info`, or nothing."""
        damaged, commands = [], []
        for manifest in (load(name) for name in (PORTRAIT_WEIGHTS, *info.weights)):
            unfit = [stored for stored in self._weights.state(manifest) if stored.state is not FileState.PRESENT]
            damaged += [stored.file.name for stored in unfit if stored.state is FileState.DAMAGED]
            commands += [manifest.pull_command] if unfit else []
        if not commands:
            return ""
        what = f"Of its weights, {', '.join(damaged)} is damaged." if damaged else "Its weights are not here."
        return f"{what} Run `{' && '.join(commands)}` and try again."


def _commercial_restriction(info: EngineInfo) -> str:
    """Which of its weights, pulled or exported, nobody has cleared for commercial use; or nothing."""
    manifests = [load(name) for name in names()]
    closed = [
        manifest.name
        for manifest in manifests
        if not manifest.commercial_use and (manifest.name in info.weights or manifest.licence in info.weight_licences)
    ]
    if not closed:
        return ""
    return (
        f"its weights are not cleared for commercial use; `likeness models show {closed[0]}` says what a person has to "
        "judge first"
    )


def _create(name: str, entry: Entry, weights: WeightStore, settings: Any) -> Engine:
    module, _, attribute = entry.target.partition(":")
    try:
        kind: type[Engine] = getattr(importlib.import_module(module), attribute)
        engine = kind.create(weights, settings)
    except ModuleNotFoundError as error:
        extra = f"likeness-animator[{entry.extra}]" if entry.extra else "likeness-animator"
        raise _unavailable(
            name, f"The package {error.name} is missing. Run `pip install '{extra}'` and start the service again."
        ) from error
    except FailedPrecondition:
        raise
    except Exception as error:  # an engine that cannot start must not take the others down
        log.exception("engine %s cannot be loaded", name)
        raise _unavailable(
            name, f"It cannot be loaded ({error}); the service's log has the details. Repair the installation."
        ) from error
    return engine


def _unavailable(name: str, fix: str) -> FailedPrecondition:
    return FailedPrecondition(Reason.ENGINE_UNAVAILABLE, f"The engine {name!r} cannot render. {fix}", field="engine")


def _unknown_info(name: str, reason: str) -> EngineInfo:
    """What can be said of an engine that does not load."""
    return EngineInfo(
        name=name,
        description="",
        streaming=False,
        needs_marks=False,
        max_side=0,
        memory_mib=0,
        expected_rtf=0.0,
        lookahead_ms=0,
        runners=(),
        weights=(),
        code_licence="",
        weight_licences=(),
        unavailable_reason=reason,
    )
