"""The order that speech has to arrive in."""

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import AudioChunk, Mark

MAX_PCM_BYTES = 1024 * 1024


class SpeechOrder:
    """Checks pushed speech: chunks follow each other without gaps, marks are intervals, nothing comes after finish."""

    def __init__(self) -> None:
        self._next: tuple[int, int] | None = None  # sequence and start of the chunk that has to follow
        self._finished = False

    def check(self, event: AudioChunk | Mark) -> None:
        """Raises InvalidArgument (STREAM_PROTOCOL or FIELD_INVALID) when `event` cannot come now."""
        if self._finished:
            raise _protocol("speech was sent after finish; open another animation for it", "")
        if isinstance(event, AudioChunk):
            self._check_audio(event)
            self._next = event.sequence + 1, event.end_sample
        elif not 0 <= event.start_sample <= event.end_sample:
            raise InvalidArgument(
                Reason.FIELD_INVALID,
                f"mark lies at samples {event.start_sample} to {event.end_sample}; send an interval from 0 on",
                field="mark",
            )

    def finish(self) -> None:
        """Note the end of the speech. Raises InvalidArgument when it was noted before."""
        if self._finished:
            raise _protocol("finish was sent twice; send it once, as the last message", "finish")
        self._finished = True

    def _check_audio(self, chunk: AudioChunk) -> None:
        if len(chunk.pcm) > MAX_PCM_BYTES:
            raise InvalidArgument(
                Reason.FIELD_OUT_OF_RANGE,
                f"audio.pcm has {len(chunk.pcm)} bytes; send at most {MAX_PCM_BYTES} in a chunk",
                field="audio.pcm",
            )
        if chunk.start_sample < 0:
            raise _protocol(f"audio starts at sample {chunk.start_sample}; start at 0 or later", "audio")
        if self._next not in (None, (chunk.sequence, chunk.start_sample)):
            raise _protocol(
                f"audio chunk {chunk.sequence} starts at sample {chunk.start_sample}, but (sequence, sample) "
                f"{self._next} is next; send the speech without gaps",
                "audio",
            )


def _protocol(message: str, field: str) -> InvalidArgument:
    return InvalidArgument(Reason.STREAM_PROTOCOL, message, field=field)
