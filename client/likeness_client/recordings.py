"""Audio files on their way to the server."""

import shlex
from pathlib import Path

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.stages.speech import MAX_RECORDING_BYTES, Recording
from likeness_common.validation.recording import SHRINK

_FIELD = "spec.recording.file"


def read_recording(path: Path) -> Recording:
    """An audio file to speak. Raises InvalidArgument for one that is missing, empty or over 3 MiB."""
    try:
        size = path.stat().st_size
        file = path.read_bytes() if size <= MAX_RECORDING_BYTES else b""
    except OSError as error:
        message = f"the recording {path} cannot be read: {error.strerror}"
        raise InvalidArgument(Reason.FIELD_INVALID, message, field=_FIELD) from error
    if size > MAX_RECORDING_BYTES:
        command = SHRINK.replace("FILE", shlex.quote(str(path)))
        raise InvalidArgument(
            Reason.RECORDING_TOO_LARGE,
            f"the recording {path} has {size / 1e6:.1f} MB, the limit is {MAX_RECORDING_BYTES / 1e6:.1f} MB; compress "
            f"it (ten minutes fit) and send that: {command}",
            field=_FIELD,
        )
    if not file:
        message = f"the recording {path} is empty; send an audio file"
        raise InvalidArgument(Reason.RECORDING_EMPTY, message, field=_FIELD)
    return Recording(file)
