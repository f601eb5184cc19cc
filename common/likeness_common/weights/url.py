"""Weights from plain addresses. What has arrived of a file is kept until it is whole, so that no byte comes twice."""

import shutil
from collections.abc import Generator, Sequence
from pathlib import Path
from time import sleep as _pause

from likeness_common.errors import FailedPrecondition, Reason, Unavailable
from likeness_common.weights.manifest import UrlSource, WeightFile
from likeness_common.weights.source import Progress, ProgressCallback, Source
from likeness_common.weights.web import Body, Interrupted, opened

SILENCE_S = 30.0
FRUITLESS_ATTEMPTS = 4
"""In a row, before it is given up; an attempt that brought something does not count."""

FIRST_PAUSE_S = 1.0
"""Before the second attempt; each further pause is twice as long."""

UNKNOWN_SIZE_BOUND = 2
"""A file whose size is not known for sure may be so many times larger than expected."""


class UrlDownload(Source):
    """Fetches one file after another. Parts lie in `partial` under the hash that the whole file must have."""

    def __init__(self, source: UrlSource, partial: Path) -> None:
        self._source = source
        self._partial = partial

    def fetch(
        self, files: Sequence[WeightFile], staging: Path, progress: ProgressCallback
    ) -> Generator[Sequence[WeightFile]]:
        """See Source.fetch."""
        self._partial.mkdir(parents=True, exist_ok=True)
        self._make_sure_of_room(files)
        tally = _Tally(progress, sum(file.size for file in files))
        for file in files:
            part = _Part(self._partial / file.sha256, file, tally)
            self._complete(part)
            part.path.replace(staging / file.name)
            yield [file]
            tally.before += file.size

    def _make_sure_of_room(self, files: Sequence[WeightFile]) -> None:
        missing = sum(max(0, file.size - _size(self._partial / file.sha256)) for file in files)
        free = shutil.disk_usage(self._partial).free
        if missing > free:
            raise FailedPrecondition(
                Reason.ENGINE_UNAVAILABLE,
                f"{missing / 1e6:.0f} MB are still to come and {free / 1e6:.0f} MB are free in {self._partial}. Free "
                "some space, or choose another folder, and pull again.",
            )

    def _complete(self, part: "_Part") -> None:
        """Ask again, from where it stopped, for as long as that brings anything."""
        url = self._source.url_of(part.file)
        most, fruitless = part.size, 0
        while not part.whole:
            try:
                with opened(url, part.size, SILENCE_S) as body:
                    part.take(body, url)
                return
            except Interrupted as error:
                fruitless = 0 if part.size > most else fruitless + 1
                most = max(most, part.size)
                if fruitless >= FRUITLESS_ATTEMPTS:
                    raise _given_up(url, part, error) from error
            _pause(FIRST_PAUSE_S * 2**fruitless)


class _Tally:
    """Adds a file's bytes to those of the files before it."""

    def __init__(self, progress: ProgressCallback, total: int) -> None:
        self.before = 0
        self._progress = progress
        self._total = total

    def report(self, size: int) -> None:
        self._progress(Progress(self.before + size, self._total))


class _Part:
    """What has arrived of a file."""

    def __init__(self, path: Path, file: WeightFile, tally: _Tally) -> None:
        self.path = path
        self.file = file
        self._tally = tally
        self._bound = file.size if file.size_known else file.size * UNKNOWN_SIZE_BOUND
        if self.size > self._bound:
            path.unlink()
        tally.report(self.size)

    @property
    def size(self) -> int:
        """Bytes so far."""
        return _size(self.path)

    @property
    def whole(self) -> bool:
        """Whether nothing is missing, as far as its size tells."""
        return self.file.size_known and self.size == self.file.size

    def take(self, body: Body, url: str) -> None:
        """Append what a server sends. Raises Interrupted when it ends early, Unavailable when it is another file."""
        expected = body.size if body.size is not None else self.file.size
        if expected > self._bound or (self.file.size_known and expected != self.file.size):
            raise self._other_file(url, f"{expected} bytes")
        with self.path.open("r+b" if self.path.exists() else "wb") as file:
            file.truncate(body.start)
            size = file.seek(body.start)
            for chunk in body.chunks():
                size += len(chunk)
                if size > self._bound:
                    raise self._other_file(url, f"more than {self._bound} bytes")
                file.write(chunk)
                self._tally.report(size)
        if body.size is not None or self.file.size_known:
            _insist(size, expected)

    def _other_file(self, url: str, found: str) -> Unavailable:
        self.path.unlink(missing_ok=True)
        return Unavailable(
            Reason.ENGINE_UNAVAILABLE,
            f"{url} holds {found}, expected {self.file.size}: it is another file by now, or a proxy answered in its "
            "place. Nothing was kept. Try from another network, or get a newer Likeness.",
        )


def _insist(size: int, expected: int) -> None:
    if size < expected:
        raise Interrupted(f"the connection was cut after {size} of {expected} bytes")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _given_up(url: str, part: _Part, error: Interrupted) -> Unavailable:
    return Unavailable(
        Reason.SERVICE_UNREACHABLE,
        f"{url} could not be fetched: {error}. {part.size / 1e6:.1f} of {part.file.size / 1e6:.1f} MB are here and "
        "kept. Check the network, and HTTPS_PROXY if you need one, and pull again; it goes on from there.",
    )
