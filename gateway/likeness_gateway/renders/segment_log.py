"""The segments of one render on disk."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from likeness_common.media import Segment, SegmentKind
from likeness_gateway.worker import Worker

_DATA = "video"
_INDEX = "segments.jsonl"


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where a segment lies in the file, and all of it but its bytes."""

    offset: int
    size: int
    kind: str
    sha256: str
    first_frame: int
    frame_count: int
    pts_us: int
    duration_us: int


class SegmentLog:
    """All segments in one file, which is the video itself, and an index beside it; one line a segment.

    Whoever uses the log holds it (`held`); the files are closed when nobody does, and until then they can be read
    even if they have been removed. `disk` does all of the work, in order.
    """

    def __init__(self, directory: Path, disk: Worker) -> None:
        self._directory = directory
        self._disk = disk
        self._entries: list[_Entry] = []
        self._data: BinaryIO | None = None
        self._index: TextIO | None = None
        self._holders = 0
        self.byte_count = 0

    @property
    def count(self) -> int:
        """Segments that can be read."""
        return len(self._entries)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the files open as long as the block runs."""
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1
            if not self._holders:
                self._disk.post(self._close)

    async def create(self) -> None:
        """Start an empty log; what an earlier attempt has left is dropped."""
        await self._disk.call(self._create)

    async def ensure_open(self) -> None:
        """Open a log that has been written and closed. Raises FileNotFoundError when its files are gone."""
        # Asked on the disk's thread: there, no closing that was asked for earlier is still under way.
        await self._disk.call(self._load)

    async def append(self, segment: Segment) -> None:
        """Store the next segment."""
        entry = _Entry(
            self.byte_count,
            len(segment.data),
            segment.kind.value,
            segment.sha256,
            segment.first_frame,
            segment.frame_count,
            segment.pts_us,
            segment.duration_us,
        )
        await self._disk.call(self._append, entry, segment.data)
        self._entries.append(entry)
        self.byte_count += entry.size

    async def read(self, sequence: int) -> Segment:
        """Read a segment, 0 <= sequence < count."""
        entry = self._entries[sequence]
        data = await self._disk.call(self._read, entry)
        return Segment(
            sequence,
            SegmentKind(entry.kind),
            data,
            entry.sha256,
            entry.first_frame,
            entry.frame_count,
            entry.pts_us,
            entry.duration_us,
        )

    async def remove(self) -> None:
        """Remove the files; those who hold the log can read on."""
        await self._disk.call(shutil.rmtree, self._directory, True)

    def _create(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        self._data = (self._directory / _DATA).open("w+b")
        self._index = (self._directory / _INDEX).open("w", encoding="ascii")

    def _load(self) -> None:
        if self._data is not None:
            return
        with (self._directory / _INDEX).open(encoding="ascii") as index:
            self._entries = [_Entry(**json.loads(line)) for line in index]
        self._data = (self._directory / _DATA).open("rb")
        self.byte_count = sum(entry.size for entry in self._entries)

    def _append(self, entry: _Entry, data: bytes) -> None:
        if self._data is None or self._index is None:
            raise RuntimeError("this log is not being written")
        self._data.write(data)
        self._data.flush()
        self._index.write(json.dumps(asdict(entry)) + "\n")
        self._index.flush()

    def _read(self, entry: _Entry) -> bytes:
        if self._data is None:
            raise RuntimeError("this log is not open")
        return os.pread(self._data.fileno(), entry.size, entry.offset)

    def _close(self) -> None:
        if self._holders:
            return
        for file in (self._data, self._index):
            if file is not None:
                file.close()
        self._data = self._index = None
