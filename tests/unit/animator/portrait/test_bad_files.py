"""Files that cannot become a portrait: the right code, the right reason, and a message that names the fix."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from likeness_animator.portrait.decode import decode
from likeness_animator.portrait.formats import MAX_SCANS
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.validation.portrait import MAX_PORTRAIT_BYTES

pytestmark = pytest.mark.unit

Encode = Callable[..., bytes]
Photo = NDArray[np.uint8]
IMAGE_REASONS = {reason for reason in Reason if reason.value.startswith("IMAGE_")}


def refusal(data: bytes) -> InvalidArgument:
    with pytest.raises(InvalidArgument) as raised:
        decode(data)
    assert raised.value.field == "portrait"
    return raised.value


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and ends where its pixels should begin."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", b"")


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b"just a text", "not an image"),
        (b"\0" * 1000, "not an image"),
        (b"GIF89a" + b"\0" * 20, "a GIF"),
        (b"BM" + b"\0" * 100, "a BMP"),
        (b"II*\0" + b"\0" * 100, "a TIFF"),
        (b"%PDF-1.7", "a PDF"),
        (b"\0\0\0\x18ftypheic", "a HEIC"),
        (b"\0\0\0\x18ftypavif", "an AVIF"),
        (b"\0\0\0\x18ftypisom", "a video"),
    ],
)
def test_other_files_are_refused_with_the_accepted_formats(data: bytes, what: str) -> None:
    error = refusal(data)
    assert error.reason is Reason.IMAGE_UNREADABLE
    assert what in error.message
    assert "JPEG, PNG or WebP" in error.message


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_truncated_files_are_refused(astronaut: Photo, encode: Encode, kind: str, share: float) -> None:
    data = encode(astronaut, kind)
    error = refusal(data[: int(len(data) * share)])
    assert error.reason is Reason.IMAGE_TRUNCATED
    assert "Upload it again" in error.message


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_files_are_refused(astronaut: Photo, encode: Encode, kind: str) -> None:
    data = bytearray(encode(astronaut, kind))
    data[12:400] = bytes(388)
    error = refusal(bytes(data))
    assert error.reason is Reason.IMAGE_UNREADABLE
    assert "save it as" in error.message


@pytest.mark.parametrize(("width", "height"), [(20000, 20000), (8000, 8000), (16385, 100), (2**31 - 1, 2**31 - 1)])
def test_huge_pictures_are_refused_by_their_header(width: int, height: int) -> None:
    # There are no pixels behind the header, so this reason can only come from a look at the header alone.
    error = refusal(png_header(width, height))
    assert error.reason is Reason.IMAGE_TOO_LARGE
    assert f"{width} x {height}" in error.message
    assert "Scale it down" in error.message


def test_a_real_20000_x_20000_png_is_refused(encode: Encode) -> None:
    data = encode(Image.new("1", (20000, 20000)))
    assert refusal(data).reason is Reason.IMAGE_TOO_LARGE


def test_files_beyond_20_mib_are_refused() -> None:
    error = refusal(b"\xff\xd8\xff" + bytes(MAX_PORTRAIT_BYTES))
    assert error.reason is Reason.IMAGE_TOO_LARGE
    assert "at most 20 MiB" in error.message


def test_text_bombs_are_refused(astronaut: Photo, encode: Encode) -> None:
    text = b"comment\0\0" + zlib.compress(bytes(100 * 1024 * 1024))
    png = encode(astronaut)
    assert refusal(png[:33] + png_chunk(b"zTXt", text) + png[33:]).reason is Reason.IMAGE_UNREADABLE


@pytest.mark.parametrize("size", [(1, 1), (63, 400), (400, 10)])
def test_tiny_pictures_are_refused(encode: Encode, size: tuple[int, int]) -> None:
    error = refusal(encode(Image.new("RGB", size)))
    assert error.reason is Reason.IMAGE_TOO_SMALL
    assert "at least 64" in error.message
    assert "larger version" in error.message


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_animations_are_refused(astronaut: Photo, encode: Encode, kind: str) -> None:
    frames = [Image.fromarray(astronaut), Image.fromarray(astronaut[::-1].copy())]
    error = refusal(encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=100))
    assert error.reason is Reason.IMAGE_ANIMATED
    assert "still frame" in error.message


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.binary(min_size=1, max_size=8)), max_size=6),
    keep=st.floats(0, 1),
)
def test_no_mutation_of_a_file_gets_past_the_error_types(
    encode: Encode, kind: str, changes: list[tuple[float, bytes]], keep: float
) -> None:
    picture = Image.linear_gradient("L").convert("RGB").resize((80, 80))
    data = bytearray(encode(picture, kind))
    for place, patch in changes:
        start = int(place * len(data))
        data[start : start + len(patch)] = patch
    cut = bytes(data[: int(keep * len(data)) + 1])
    reason = None
    try:
        pixels = decode(cut).pixels
    except InvalidArgument as error:
        reason = error.reason
    assert reason in IMAGE_REASONS if reason else pixels.shape[2] == 3


def progressive(side: int = 64) -> bytes:
    photo = BytesIO()
    Image.new("L", (side, side), 128).save(photo, "JPEG", progressive=True, quality=50)
    return photo.getvalue()


def with_scans(data: bytes, more: int) -> bytes:
    """The same JPEG, its last scan repeated."""
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * more + data[-2:]


def test_a_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded() -> None:
    error = refusal(with_scans(progressive(), 3000))
    assert error.reason is Reason.IMAGE_TOO_LARGE
    assert "100 scans" in error.message
    assert "save it again as an ordinary JPEG" in error.message


def test_a_jpeg_of_a_million_empty_segments_is_refused() -> None:
    data = progressive()
    assert "too many parts" in refusal(data[:2] + b"\xff\xfe\x00\x02" * 1_000_000 + data[2:]).message


def test_scans_of_ordinary_progressive_photos_are_fine(astronaut: Photo, encode: Encode) -> None:
    assert decode(encode(astronaut, "JPEG", progressive=True)).pixels.shape == astronaut.shape
    own = progressive().count(b"\xff\xda")
    decode(with_scans(progressive(), MAX_SCANS - own))
    refusal(with_scans(progressive(), MAX_SCANS - own + 1))


def test_scans_inside_the_segments_of_a_jpeg_do_not_count() -> None:
    data = progressive()
    comment = b"\xff\xda" * 1000
    decode(data[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + data[2:])
