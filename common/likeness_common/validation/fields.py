"""Paths of request fields in errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from likeness_common.errors import LikenessError


@contextmanager
def under(parent: str) -> Iterator[None]:
    """Name the field of an error raised inside by its path from `parent` on: `text` becomes `script.text`."""
    try:
        yield
    except LikenessError as error:
        if error.field:
            rename(error, f"{parent}.{error.field}")
        raise


def rename(error: LikenessError, field: str) -> None:
    """Give the field at fault another path, in the message too when it begins with the path."""
    if error.message.startswith(error.field):
        error.message = field + error.message.removeprefix(error.field)
        error.args = (error.message,)
    error.field = field
