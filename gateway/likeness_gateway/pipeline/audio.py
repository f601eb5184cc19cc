"""Speech between its synthesis and its composition."""

from likeness_common.errors import Internal, Reason
from likeness_common.media import AudioChunk
from likeness_common.media.audio import BYTES_PER_SAMPLE
from likeness_gateway.signal import Signal


class AudioBuffer:
    """Audio that the composition has not taken yet, in order, at most `limit_samples` and one chunk.

    The writer waits while it is full; the reader takes stretches of exact length, whatever the chunks were.
    `end_sample` is one past the last sample put in.
    """

    def __init__(self, limit_samples: int) -> None:
        self._limit = limit_samples
        self._pcm = bytearray()
        self.end_sample = 0
        self._taken = 0
        self._sequence = 0
        self._finished = False
        self._changed = Signal()

    @property
    def waiting(self) -> int:
        """Samples put in and not taken yet."""
        return len(self._pcm) // BYTES_PER_SAMPLE

    @property
    def finished(self) -> bool:
        """Whether all speech has been put in."""
        return self._finished

    async def put(self, chunk: AudioChunk) -> None:
        """Append; waits while the buffer is full. Raises Internal when the chunk does not follow the one before."""
        if chunk.start_sample != self.end_sample:
            raise Internal(
                Reason.STREAM_PROTOCOL,
                f"audio at sample {chunk.start_sample} came where sample {self.end_sample} was due",
                metadata={"service": "tts"},
            )
        while self.waiting >= self._limit:
            await self._changed.wait()
        self._pcm += chunk.pcm
        self.end_sample = chunk.end_sample
        self._changed.set()

    def finish(self) -> None:
        """No more speech comes."""
        self._finished = True
        self._changed.set()

    async def take(self, least_end: int, most_end: int) -> AudioChunk:
        """Take all audio before `least_end`, waiting for it, and up to `most_end` what is there already.

        After the end of the speech there is silence up to `least_end`. The chunk is empty when all of it was taken
        before.
        """
        least, most = ((end - self._taken) * BYTES_PER_SAMPLE for end in (least_end, most_end))
        while len(self._pcm) < least and not self._finished:
            await self._changed.wait()
        pcm = bytes(self._pcm[:most]).ljust(least, b"\0")
        del self._pcm[:most]
        chunk = AudioChunk(self._sequence, self._taken, pcm)
        self._sequence += bool(pcm)
        self._taken = chunk.end_sample
        self._changed.set()
        return chunk
