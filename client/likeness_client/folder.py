"""One gateway per data folder: a second one would take the first one's running renders for abandoned."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from likeness_common.errors import FailedPrecondition, Reason

LOCK_NAME = "lock"


class FolderTaken(FailedPrecondition):
    """Another process uses the data folder."""


@contextmanager
def held(data: Path, holder: str) -> Iterator[None]:
    """Keep the data folder for this process; `holder` tells others how to reach it, or who it is.

    Raises FolderTaken with what the holder left. The system frees the folder when the process ends, however it ends.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / LOCK_NAME).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise FolderTaken(
                Reason.SERVICE_UNREACHABLE,
                f"the renders in {data} are in use by {lock.read().strip() or 'another likeness'}; "
                "wait until that has ended, or set LIKENESS_HOME to another folder",
            ) from None
        lock.truncate(0)
        lock.write(holder)
        lock.flush()
        yield
