"""Which image files are accepted, decided from their first bytes and their header, before anything is decoded."""

import re
from io import BytesIO
from typing import NoReturn

from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.validation.portrait import MAX_PORTRAIT_BYTES

FIELD = "portrait"
MAX_PIXELS = 50_000_000
MAX_SIDE = 16_384
MIN_SIDE = 64
MAX_SCANS = 100
"""Progressive JPEGs of cameras and editors have about ten; each takes a pass over the whole picture."""
MAX_SEGMENTS = 10_000
ACCEPTED = "a JPEG, PNG or WebP file"

# Only the first picture of a JPEG is read, so phones' multi-picture files (MPO) are fine.
_READERS: tuple[tuple[bytes, type[ImageFile]], ...] = (
    (b"\xff\xd8\xff", JpegImageFile),
    (b"\x89PNG\r\n\x1a\n", PngImageFile),
    (b"RIFF", WebPImageFile),
)
_OTHERS = (
    (0, b"GIF8", "a GIF"),
    (0, b"BM", "a BMP"),
    (0, b"II*\0", "a TIFF"),
    (0, b"MM\0*", "a TIFF"),
    (0, b"%PDF", "a PDF"),
    (0, b"<svg", "an SVG"),
    (4, b"ftypavif", "an AVIF"),
    (4, b"ftyphe", "a HEIC"),
    (4, b"ftypmif1", "a HEIC"),
    (4, b"ftyp", "a video"),
)

_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
# Stuffed zeros, restarts and padding belong to the pixels, and like those the decoder steps over them.
_JPEG_MARKER = re.compile(rb"\xff([\x02-\xcf\xd8-\xfe])", re.DOTALL)


def invalid(reason: Reason, message: str) -> InvalidArgument:
    """An error about the uploaded picture."""
    return InvalidArgument(reason, message, field=FIELD)


def open_image(data: bytes) -> ImageFile:
    """Read the header of an image file, refusing what cannot become a portrait. Pixels are not decoded yet.

    Raises InvalidArgument with the reasons IMAGE_UNREADABLE, IMAGE_TRUNCATED, IMAGE_TOO_LARGE, IMAGE_TOO_SMALL and
    IMAGE_ANIMATED.
    """
    if len(data) > MAX_PORTRAIT_BYTES:
        raise invalid(
            Reason.IMAGE_TOO_LARGE,
            f"The file has {len(data) / 2**20:.1f} MiB; at most {MAX_PORTRAIT_BYTES >> 20} MiB are accepted. Save it "
            "as a JPEG, or scale it down: 2048 pixels a side are plenty.",
        )
    reader = next((reader for magic, reader in _READERS if data.startswith(magic)), None)
    if reader is None:
        _refuse_format(data)
    if reader is JpegImageFile:
        _check_scans(data)
    try:
        # The reader itself, not Image.open: that one warns about large pictures instead of telling their size.
        image = reader(BytesIO(data))
    except Exception as error:  # readers raise nearly anything on a broken header
        raise broken(data, error) from error
    _check_size(*image.size)
    if getattr(image, "is_animated", False):
        _refuse_animation()
    return image


def broken(data: bytes, error: Exception) -> InvalidArgument:
    """The error for a file that cannot be decoded: cut off, or damaged."""
    if isinstance(error, InvalidArgument):
        return error
    if isinstance(error, EOFError) or "truncated" in str(error).lower() or _is_cut_off(data):
        return invalid(
            Reason.IMAGE_TRUNCATED, f"The image file ends too early, after {len(data)} bytes. Upload it again in full."
        )
    return invalid(
        Reason.IMAGE_UNREADABLE,
        f"The image file is damaged and cannot be decoded. Open it, save it as {ACCEPTED}, and upload that.",
    )


def _is_cut_off(data: bytes) -> bool:
    """Whether the file lacks the end that its format demands."""
    if data.startswith(b"RIFF"):
        return len(data) < 8 + int.from_bytes(data[4:8], "little")
    if data.startswith(b"\x89PNG"):
        return b"IEND" not in data[-16:]
    return b"\xff\xd9" not in data


def _refuse_format(data: bytes) -> NoReturn:
    kind = next((kind for start, magic, kind in _OTHERS if data[start:].startswith(magic)), "not an image")
    if kind == "a GIF" and _is_animated_gif(data):
        _refuse_animation()
    if not data:
        kind = "empty"
    raise invalid(Reason.IMAGE_UNREADABLE, f"The file is {kind}. Save the photo as {ACCEPTED} and upload that.")


def _is_animated_gif(data: bytes) -> bool:
    try:
        return GifImageFile(BytesIO(data)).is_animated
    except Exception:  # a broken GIF is refused for its format all the same
        return False


def _refuse_animation() -> NoReturn:
    raise invalid(
        Reason.IMAGE_ANIMATED, f"The picture is animated. Export one still frame as {ACCEPTED} and upload it."
    )


def _check_scans(data: bytes) -> None:
    """Refuse a JPEG that would keep the decoder busy for minutes: a few kilobytes can hold thousands of scans.

    Walks the segments of ITU-T T.81, annex B, by their lengths, so that thumbnails inside them do not count.
    """
    scans, segments, position = 0, 0, 2
    while (marker := _JPEG_MARKER.search(data, position)) and marker[1][0] != _END_OF_IMAGE:
        segments += 1
        scans += marker[1][0] == _START_OF_SCAN
        if scans > MAX_SCANS or segments > MAX_SEGMENTS:
            raise invalid(
                Reason.IMAGE_TOO_LARGE,
                f"The JPEG is stored in too many parts; {MAX_SCANS} scans and {MAX_SEGMENTS} segments are accepted. "
                "Open the file, save it again as an ordinary JPEG, and upload that.",
            )
        position = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2], "big")


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise invalid(
            Reason.IMAGE_TOO_LARGE,
            f"The picture is {width} x {height} pixels; at most {MAX_PIXELS // 1_000_000} megapixels and {MAX_SIDE} "
            "pixels a side are accepted. Scale it down: 2048 pixels a side are plenty.",
        )
    if min(width, height) < MIN_SIDE:
        raise invalid(
            Reason.IMAGE_TOO_SMALL,
            f"The picture is {width} x {height} pixels; at least {MIN_SIDE} a side are needed, and 512 look good. "
            "Upload a larger version.",
        )
