"""Portrait files on their way to the server."""

from collections.abc import Iterator
from pathlib import Path

from likeness_common.errors import InvalidArgument, Reason

MAX_PORTRAIT_BYTES = 20 * 1024 * 1024
MAX_INLINE_BYTES = 3 * 1024 * 1024
"""Larger portraits do not fit into a render request, beside a recording if there is one; they are uploaded first."""

_CHUNK_BYTES = 512 * 1024


def read_portrait(path: Path) -> bytes:
    """The bytes of an image file. Raises InvalidArgument for one that is missing, empty or over 20 MiB."""
    try:
        size = path.stat().st_size
        if size <= MAX_PORTRAIT_BYTES:
            image = path.read_bytes()
    except OSError as error:
        raise InvalidArgument(
            Reason.FIELD_INVALID, f"the portrait {path} cannot be read: {error.strerror}", field="spec.portrait_image"
        ) from error
    if size > MAX_PORTRAIT_BYTES:
        raise InvalidArgument(
            Reason.IMAGE_TOO_LARGE,
            f"the portrait {path} has {size / 1e6:.1f} MB; send at most {MAX_PORTRAIT_BYTES / 1e6:.1f} MB",
            field="spec.portrait_image",
        )
    if not image:
        raise InvalidArgument(
            Reason.IMAGE_UNREADABLE,
            f"the portrait {path} is empty; send a JPEG, PNG or WebP file",
            field="spec.portrait_image",
        )
    return image


def chunks(image: bytes) -> Iterator[bytes]:
    """The image in pieces that fit into messages."""
    for start in range(0, len(image), _CHUNK_BYTES):
        yield image[start : start + _CHUNK_BYTES]
