"""The four services of Likeness as programs."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

from likeness_client.paths import Home
from likeness_client.processes.child import Program
from likeness_client.processes.health import until_serving

STAGES = ("tts", "animator", "compositor")
GATEWAY = "gateway"
_EVERY_INTERFACE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - recognised, not chosen


@dataclass(frozen=True, slots=True)
class Front:
    """Where the gateway listens."""

    host: str
    port: int

    @property
    def listen(self) -> str:
        """What the gateway binds."""
        return _join(self.host, self.port)

    @property
    def address(self) -> str:
        """What programs on this machine connect to."""
        return _join(_EVERY_INTERFACE.get(self.host, self.host), self.port)


def missing() -> list[str]:
    """Packages of services that are not installed: the extra `embedded` brings them."""
    packages = [f"likeness_{name}" for name in (*STAGES, GATEWAY)]
    return [package for package in packages if find_spec(package) is None]


def programs(
    front: Front, stage_ports: Sequence[int], home: Home, collectors: Sequence[str], grace_s: float
) -> list[Program]:
    """The services, the gateway last. Stages listen on `stage_ports` of the loopback interface.

    Every span goes to the gateway, which keeps those of its renders, and to `collectors` (host:port).
    """
    addresses = {name: f"127.0.0.1:{port}" for name, port in zip(STAGES, stage_ports, strict=True)}
    exports = json.dumps([front.address, *collectors])
    stages = [
        _program(name, address, {"LISTEN": address, "OTLP_ENDPOINTS": exports, **_own(name, home)}, grace_s)
        for name, address in addresses.items()
    ]
    settings = {f"{name.upper()}_ADDRESS": address for name, address in addresses.items()}
    settings |= {
        "LISTEN": front.listen,
        "OTLP_ENDPOINTS": json.dumps(list(collectors)),
        "DATA_DIR": str(home.data),
    }
    return [*stages, _program(GATEWAY, front.address, settings, grace_s)]


def _own(name: str, home: Home) -> dict[str, str]:
    """Settings that only one stage has."""
    return {"WEIGHTS_ROOT": str(home.weights)} if name == "animator" else {}


def _program(name: str, address: str, settings: Mapping[str, str], grace_s: float) -> Program:
    settings = {"PARENT_PID": str(os.getpid()), "GRACE_S": str(grace_s), **settings}
    return Program(
        name=name,
        argv=(sys.executable, "-m", f"likeness_{name}"),
        healthy=partial(until_serving, address),
        env={f"LIKENESS_{name.upper()}_{key}": value for key, value in settings.items()},
    )


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
