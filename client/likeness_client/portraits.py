"""Portrait files on their way to the server."""

from pathlib import Path

from likeness_client.inputs import FileInput
from likeness_common.errors import Reason
from likeness_common.validation.portrait import MAX_PORTRAIT_BYTES

_PORTRAIT = FileInput(
    name="portrait",
    field="spec.portrait_image",
    max_bytes=MAX_PORTRAIT_BYTES,
    too_large=Reason.IMAGE_TOO_LARGE,
    shrink="send a smaller or more compressed one",
    empty=Reason.IMAGE_UNREADABLE,
    wanted="a JPEG, PNG or WebP file",
)


def read_portrait(path: Path) -> bytes:
    """The bytes of an image file. Raises InvalidArgument for one that is missing, empty or over 20 MiB."""
    return _PORTRAIT.read(path)
