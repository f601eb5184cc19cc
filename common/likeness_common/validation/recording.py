"""Checks of a recording that need no decoder: that there is a file, and that it is not too large."""

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.stages.speech import MAX_RECORDING_BYTES, Recording

SHRINK = "ffmpeg -i FILE -vn -ac 1 -c:a libopus -b:a 32k speech.ogg"
"""Ten minutes of this are 2.4 MB, and speech loses nothing that lips or ears would miss."""


def check_recording(recording: Recording, field: str = "recording.file") -> None:
    """Refuse a file that no decoder need see: InvalidArgument (RECORDING_EMPTY, RECORDING_TOO_LARGE)."""
    size = len(recording.file)
    if not size:
        raise InvalidArgument(Reason.RECORDING_EMPTY, f"{field} is empty; send the bytes of an audio file", field=field)
    if size > MAX_RECORDING_BYTES:
        raise InvalidArgument(
            Reason.RECORDING_TOO_LARGE,
            f"{field} has {size} bytes, the limit is {MAX_RECORDING_BYTES}; compress it, as in `{SHRINK}`",
            field=field,
            metadata={"size": str(size), "limit": str(MAX_RECORDING_BYTES)},
        )
