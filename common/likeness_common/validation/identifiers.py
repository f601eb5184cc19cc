"""Checks of identifiers in requests."""

import re
import uuid

from likeness_common.errors import InvalidArgument, Reason

_SHA256 = re.compile("[0-9a-f]{64}")
_UUID4_VERSION = 4


def check_portrait_id(portrait_id: str, field: str = "portrait_id") -> None:
    """Refuse what is not the lower-case hexadecimal SHA-256 of a file."""
    if not _SHA256.fullmatch(portrait_id):
        raise InvalidArgument(
            Reason.FIELD_INVALID,
            f"{field} is not an id of a portrait; use the one that UploadPortrait returned, 64 hexadecimal digits",
            field=field,
        )


def check_request_id(request_id: str, field: str = "request_id") -> None:
    """Refuse what is not a UUID4 in its usual form of 36 characters (AIP-155)."""
    try:
        parsed = uuid.UUID(request_id)
    except ValueError:
        parsed = None
    if parsed is None or parsed.version != _UUID4_VERSION or str(parsed) != request_id.lower():
        raise InvalidArgument(
            Reason.FIELD_INVALID,
            f"{field} is not a UUID4; make one with uuid.uuid4() or leave it empty",
            field=field,
        )
