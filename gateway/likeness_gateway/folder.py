"""One gateway per data folder: a second one would take the first one's running renders for abandoned."""

import fcntl
from pathlib import Path
from typing import BinaryIO

from likeness_common.errors import FailedPrecondition, Reason

LOCK_NAME = "gateway.lock"
DATABASE_NAME = "gateway.sqlite"
"""SQLite gives the files that it puts beside it the same permissions."""

RENDERS = "renders"
PORTRAITS = "portraits"
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


def take_folder(data: Path) -> BinaryIO:
    """Create the data folder and keep it for this gateway until the file is closed.

    What it is to hold, photos, videos and scripts, is for its owner only. Raises FailedPrecondition when
    another gateway has the folder, which the system frees when a process ends, however it ends.
    """
    data.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
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
    # A folder that was there before may be open to others; what we put into it is not.
    for name in (RENDERS, PORTRAITS):
        (data / name).mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    (data / DATABASE_NAME).touch(mode=PRIVATE_FILE)
    return lock
