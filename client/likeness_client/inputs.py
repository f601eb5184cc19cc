"""Files of the caller on their way to the server."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from likeness_common.errors import InvalidArgument, Reason


@dataclass(frozen=True, slots=True)
class FileInput:
    """What a file is to be: its `name` for people, the request `field` that it fills, and what is said of a bad one.

    `shrink` says how to make a file of more than `max_bytes` smaller, FILE standing for its path; `wanted` is what to
    send in place of an empty one.
    """

    name: str
    field: str
    max_bytes: int
    too_large: Reason
    shrink: str
    empty: Reason
    wanted: str

    def read(self, path: Path) -> bytes:
        """All of a file. Raises InvalidArgument for one that is missing, empty or too large; that one is not read."""
        try:
            size = path.stat().st_size
            data = path.read_bytes() if size <= self.max_bytes else b""
        except OSError as error:
            raise self._bad(Reason.FIELD_INVALID, f"the {self.name} {path} cannot be read: {error.strerror}") from error
        if size > self.max_bytes:
            limit = f"has {size / 1e6:.1f} MB, the limit is {self.max_bytes / 1e6:.1f} MB"
            shrink = self.shrink.replace("FILE", shlex.quote(str(path)))
            raise self._bad(self.too_large, f"the {self.name} {path} {limit}; {shrink}")
        if not data:
            raise self._bad(self.empty, f"the {self.name} {path} is empty; send {self.wanted}")
        return data

    def _bad(self, reason: Reason, message: str) -> InvalidArgument:
        return InvalidArgument(reason, message, field=self.field)
