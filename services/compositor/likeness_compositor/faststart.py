"""Puts the index of an MP4 file in front of its data, so that playback can begin while the file still loads."""

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

_CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_OFFSET_TABLES = {b"stco": "I", b"co64": "Q"}
_READ_BYTES = 256 * 1024


def faststart(file: BinaryIO) -> Iterator[bytes]:
    """Yield the file in pieces: `ftyp`, `moov` with its offsets moved, then the rest. Reads at most 256 KiB at once.

    `moov` has to be the last box, as libavformat writes it.
    """
    boxes = list(_top_level(file))
    kinds = [kind for kind, _, _ in boxes]
    if kinds[:1] != [b"ftyp"] or kinds[-1:] != [b"moov"]:
        raise ValueError(f"an MP4 file of {kinds} cannot be reordered")
    (_, start, end), (_, moov_start, moov_end) = boxes[0], boxes[-1]
    file.seek(moov_start)
    moov = bytearray(file.read(moov_end - moov_start))
    _move_offsets(moov, 0, len(moov), by=len(moov))
    yield from read_range(file, start, end)
    yield bytes(moov)
    yield from read_range(file, end, moov_start)


def read_range(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """Yield bytes [start, end) of a file, at most 256 KiB at once."""
    while start < end:
        file.seek(start)
        data = file.read(min(_READ_BYTES, end - start))
        if not data:
            raise EOFError(f"the file ends at {start}, before {end}")
        yield data
        start += len(data)


def _top_level(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each box of the file."""
    size = file.seek(0, os.SEEK_END)
    start = 0
    while start < size:
        file.seek(start)
        head = file.read(16).ljust(16, b"\0")
        length, kind, large = struct.unpack(">I4sQ", head)
        end = start + (large if length == 1 else length)
        if not start + 8 <= end <= size:
            raise ValueError(f"box {kind!r} at {start} claims to end at {end} of {size}")
        yield kind, start, end
        start = end


def _move_offsets(data: bytearray, start: int, end: int, *, by: int) -> None:
    """Add `by` to every chunk offset in the boxes of data[start:end]."""
    while start < end:
        length, kind = struct.unpack_from(">I4s", data, start)
        if kind in _CONTAINERS:
            _move_offsets(data, start + 8, start + length, by=by)
        elif kind in _OFFSET_TABLES:
            (count,) = struct.unpack_from(">I", data, start + 12)
            layout = f">{count}{_OFFSET_TABLES[kind]}"
            offsets = struct.unpack_from(layout, data, start + 16)
            struct.pack_into(layout, data, start + 16, *(offset + by for offset in offsets))
        start += length
