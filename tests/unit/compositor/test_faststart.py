import io
import struct

import pytest

from likeness_compositor.boxes import box, full_box
from likeness_compositor.faststart import faststart, read_range

pytestmark = pytest.mark.unit

FTYP = box(b"ftyp", b"isom")
DATA = b"frame-one|frame-two"


def movie(table: bytes) -> bytes:
    tables = box(b"stbl", full_box(b"stsz", 0, 0, bytes(8)), table)
    return box(b"moov", box(b"mvhd", bytes(96)), box(b"trak", box(b"mdia", box(b"minf", tables))))


@pytest.mark.parametrize(("kind", "code"), [(b"stco", "I"), (b"co64", "Q")])
@pytest.mark.parametrize("large_mdat", [False, True])
def test_offsets_still_point_at_the_data(kind: bytes, code: str, large_mdat: bool) -> None:
    mdat = struct.pack(">I4sQ", 1, b"mdat", 16 + len(DATA)) + DATA if large_mdat else box(b"mdat", DATA)
    start = len(FTYP) + len(mdat) - len(DATA)
    table = full_box(kind, 0, 0, struct.pack(f">I2{code}", 2, start, start + 10))
    moved = b"".join(faststart(io.BytesIO(FTYP + mdat + movie(table))))
    assert moved.index(b"moov") < moved.index(b"mdat")
    assert len(moved) == len(FTYP + mdat + movie(table))
    at = moved.index(kind) + 12
    first, second = struct.unpack_from(f">2{code}", moved, at)
    assert moved[first:].startswith(b"frame-one")
    assert moved[second:].startswith(b"frame-two")


@pytest.mark.parametrize("data", [b"", box(b"moov"), FTYP, FTYP + movie(b"") + box(b"mdat"), FTYP + b"\0\0\1\0moov"])
def test_files_of_another_shape_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"cannot be reordered|claims to end"):
        list(faststart(io.BytesIO(data)))


def test_ranges_are_read_in_bounded_pieces() -> None:
    data = bytes(range(256)) * 3000
    pieces = list(read_range(io.BytesIO(data), 5, 700_000))
    assert b"".join(pieces) == data[5:700_000]
    assert max(map(len, pieces)) == 256 * 1024
    with pytest.raises(EOFError):
        list(read_range(io.BytesIO(data), 0, len(data) + 1))
