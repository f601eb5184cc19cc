"""Names and page tokens in requests."""

import base64
import binascii
import re

from likeness_common.errors import InvalidArgument, Reason
from likeness_gateway.convert.render import NAME_PREFIX
from likeness_gateway.renders.store import Cursor

_NAME = re.compile(f"{NAME_PREFIX}([0-9a-f]{{32}})")
_TOKEN = re.compile("([0-9]{1,18}):([0-9a-f]{32})")


def render_id_from(name: str) -> str:
    """Read the name of a render. Raises InvalidArgument when it is not one."""
    match = _NAME.fullmatch(name)
    if match is None:
        message = "name is not the name of a render; it is renders/ and 32 hexadecimal digits, as RenderVideo tells it"
        raise InvalidArgument(Reason.FIELD_INVALID, message, field="name")
    return match[1]


def cursor_from(token: str) -> Cursor | None:
    """Read a page token; empty means the first page. Raises InvalidArgument for one that is not ours."""
    if not token:
        return None
    try:
        match = _TOKEN.fullmatch(base64.urlsafe_b64decode(token).decode("ascii"))
    except (binascii.Error, ValueError):
        match = None
    if match is None:
        message = "page_token is not one of ours; use next_page_token of the page before, or leave it out"
        raise InvalidArgument(Reason.FIELD_INVALID, message, field="page_token")
    return Cursor(int(match[1]), match[2])


def token_of(cursor: Cursor) -> str:
    """Write a page token."""
    return base64.urlsafe_b64encode(f"{cursor.create_time_us}:{cursor.id}".encode()).decode()
