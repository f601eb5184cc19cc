"""One gateway per data folder: a second one would take the first one's running renders for abandoned."""

import fcntl
from pathlib import Path
from typing import BinaryIO

from likeness_common.errors import FailedPrecondition, Reason

LOCK_NAME = "gateway.lock"


def take_folder(data: Path) -> BinaryIO:
    """Create the data folder and keep it for this gateway until the file is closed.

    Raises FailedPrecondition when another gateway has it. The system frees it when the process ends, however it ends.
    """
    data.mkdir(parents=True, exist_ok=True)
    lock = (data / LOCK_NAME).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise FailedPrecondition(
            Reason.SERVICE_UNREACHABLE,
            f"the data folder {data} is in use by another gateway; stop that one, or set LIKENESS_GATEWAY_DATA_DIR to "
            "another folder",
        ) from None
    return lock
