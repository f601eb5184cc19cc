"""A content-addressed store of weights: every file lies under its SHA-256, whole and verified or not at all."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from likeness_common.errors import FailedPrecondition, LikenessError, Reason, Unavailable
from likeness_common.weights.digest import sha256_of
from likeness_common.weights.manifest import Manifest, WeightFile, WheelSource
from likeness_common.weights.source import Progress, ProgressCallback, Source
from likeness_common.weights.url import UrlDownload
from likeness_common.weights.wheel import PipWheel


def default_root() -> Path:
    """Where weights are kept when nothing else is said."""
    return Path.home() / ".cache" / "likeness"


class FileState(Enum):
    """State of one file in the store."""

    PRESENT = "present"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of a model, where it lies and whether it can be used."""

    file: WeightFile
    path: Path
    state: FileState


def _ignore(_: Progress) -> None:
    """Progress that nobody watches."""


class WeightStore:
    """Weights below `root`. Several processes may share one root: files appear in it atomically."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._blobs = root / "weights" / "sha256"
        self._partial = root / "weights" / "partial"

    def state(self, manifest: Manifest) -> tuple[StoredFile, ...]:
        """State of each file by presence and size, without reading it."""
        return tuple(StoredFile(file, self._blob(file), self._quick_state(file)) for file in manifest.files)

    def verify(self, manifest: Manifest) -> tuple[StoredFile, ...]:
        """State of each file by its hash."""
        return tuple(StoredFile(file, self._blob(file), self._full_state(file)) for file in manifest.files)

    def pulled(self, manifest: Manifest) -> bool:
        """Whether no file is missing; one may be damaged."""
        return all(stored.state is not FileState.MISSING for stored in self.state(manifest))

    def path(self, manifest: Manifest, name: str) -> Path:
        """Where the file `name` of a pulled model lies. Raises FailedPrecondition when it has to be pulled first."""
        file = next(file for file in manifest.files if file.name == name)
        if self._quick_state(file) is not FileState.PRESENT:
            raise FailedPrecondition(
                Reason.ENGINE_UNAVAILABLE,
                f"The weights {manifest.name!r} are not in {self._root}. Run `{manifest.pull_command}` and try again.",
                metadata={"weights": manifest.name},
            )
        return self._blob(file)

    def pull(self, manifest: Manifest, progress: ProgressCallback = _ignore) -> tuple[StoredFile, ...]:
        """Fetch what is missing or damaged, verify it, and put it in place. Files that are fine are left alone.

        Raises Unavailable when the network fails or a file arrives damaged, FailedPrecondition when `root` cannot be
        written. Files that were whole by then stay, and so does the beginning of one whose download was cut.
        """
        if self._wanted(manifest):
            try:
                self._blobs.mkdir(parents=True, exist_ok=True)
                with self._alone():
                    self._fetch(manifest, self._wanted(manifest), progress)
            except OSError as error:
                raise self._unwritable(manifest, error) from error
        return self.state(manifest)

    def _wanted(self, manifest: Manifest) -> list[WeightFile]:
        return [stored.file for stored in self.verify(manifest) if stored.state is not FileState.PRESENT]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait until no other process pulls into this root; the system frees it when a process ends."""
        folder = os.open(self._blobs, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _fetch(self, manifest: Manifest, wanted: list[WeightFile], progress: ProgressCallback) -> None:
        # Within root, so that the rename at the end stays on one file system and is atomic.
        with (
            tempfile.TemporaryDirectory(prefix="pull-", dir=self._root) as staging,
            closing(self._source(manifest).fetch(wanted, Path(staging), progress)) as arrivals,
        ):
            for arrived in arrivals:
                for file in arrived:
                    _check(manifest, file, Path(staging) / file.name)
                for file in arrived:
                    (Path(staging) / file.name).replace(self._blob(file))

    def _source(self, manifest: Manifest) -> Source:
        """The fetcher for a manifest's source."""
        source = manifest.source
        return PipWheel(source) if isinstance(source, WheelSource) else UrlDownload(source, self._partial)

    def _blob(self, file: WeightFile) -> Path:
        return self._blobs / file.sha256

    def _quick_state(self, file: WeightFile) -> FileState:
        blob = self._blob(file)
        if not blob.is_file():
            return FileState.MISSING
        whole = blob.stat().st_size == file.size or not file.size_known
        return FileState.PRESENT if whole else FileState.DAMAGED

    def _full_state(self, file: WeightFile) -> FileState:
        state = self._quick_state(file)
        if state is FileState.PRESENT and sha256_of(self._blob(file)) != file.sha256:
            return FileState.DAMAGED
        return state

    def _unwritable(self, manifest: Manifest, error: OSError) -> LikenessError:
        return FailedPrecondition(
            Reason.ENGINE_UNAVAILABLE,
            f"The weights {manifest.name!r} ({manifest.size >> 20} MiB) could not be stored in {self._root}: "
            f"{error.strerror or error}. Free space there, allow writing, or choose another folder, and pull again.",
        )


def _check(manifest: Manifest, file: WeightFile, path: Path) -> None:
    actual = sha256_of(path)
    if actual != file.sha256:
        raise Unavailable(
            Reason.ENGINE_UNAVAILABLE,
            f"{file.name} of {manifest.name!r} arrived with SHA-256 {actual}, expected {file.sha256}. Nothing of it "
            f"was kept. Run `{manifest.pull_command}` again; if it stays so, the source was changed.",
        )
