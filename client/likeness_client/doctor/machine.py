"""Checks of the machine: cores, memory, disk and ports."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from likeness_client.doctor.check import Finding, problem, well
from likeness_client.paths import Home
from likeness_client.processes.ports import is_free

MIN_CORES = 2
MIN_MEMORY_BYTES = 1 << 30
MIN_DISK_BYTES = 1 << 30


def machine_findings(home: Home, port: int, *, served: bool) -> Iterator[Finding]:
    """Check the machine; `served` says that a gateway of ours already listens on `port`."""
    yield cores()
    yield memory(Path("/proc/meminfo"))
    yield disk(home.data)
    yield listening(port, served=served)


def cores() -> Finding:
    """Cores that this process may use."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if count < MIN_CORES:
        return problem("cores", f"{count}", f"rendering in real time takes {MIN_CORES}; expect it to be slower here")
    return well("cores", f"{count}")


def memory(meminfo: Path) -> Finding:
    """Memory that is free or can be freed, where the system tells (Linux)."""
    if not meminfo.exists():
        return well("memory", "not told by this system")
    fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
    available = int(fields["MemAvailable"].split()[0]) * 1024
    detail = f"{available / 2**30:.1f} GiB available"
    if available < MIN_MEMORY_BYTES:
        return problem("memory", detail, "close other programs; four services take about 1 GiB")
    return well("memory", detail)


def disk(folder: Path) -> Finding:
    """Whether `folder` can be written and has room."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        return problem(
            "disk", f"{folder} cannot be written", "allow writing there, or set LIKENESS_HOME to another folder"
        )
    free = shutil.disk_usage(existing).free
    detail = f"{free / 2**30:.1f} GiB free for {folder}"
    if free < MIN_DISK_BYTES:
        return problem("disk", detail, "free some space, or set LIKENESS_HOME to a folder on another disk")
    return well("disk", detail)


def listening(port: int, *, served: bool) -> Finding:
    """Whether `likeness serve` could listen on its default port."""
    if served:
        return well(f"port {port}", "a Likeness gateway serves here")
    if is_free("127.0.0.1", port):
        return well(f"port {port}", "free for likeness serve")
    return problem(f"port {port}", "taken by another program", "choose another one: likeness serve --port 50052")
