"""Audio files on their way to the server."""

from pathlib import Path

from likeness_client.inputs import FileInput
from likeness_common.errors import Reason
from likeness_common.stages.speech import MAX_RECORDING_BYTES, Recording
from likeness_common.validation.recording import SHRINK

_RECORDING = FileInput(
    name="recording",
    field="spec.recording.file",
    max_bytes=MAX_RECORDING_BYTES,
    too_large=Reason.RECORDING_TOO_LARGE,
    shrink=f"compress it (ten minutes fit) and send that: {SHRINK}",
    empty=Reason.RECORDING_EMPTY,
    wanted="an audio file",
)


def read_recording(path: Path) -> Recording:
    """An audio file to speak. Raises InvalidArgument for one that is missing, empty or over 3 MiB."""
    return Recording(_RECORDING.read(path))
