"""Keeps callers to the order of the streams: without gaps, of the right size, sound and pictures near each other."""

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import AudioChunk, FrameBatch
from likeness_common.stages.compositor import OutputSpec

MAX_LEAD_S = 120
"""How far sound and pictures may be apart: what is ahead has to be kept."""


class Timeline:
    """Follows what was pushed. Each method raises InvalidArgument (STREAM_PROTOCOL) for what cannot come next."""

    def __init__(self, spec: OutputSpec) -> None:
        self._video = spec.video
        self._rate = spec.audio.sample_rate_hz
        self._chunks = 0
        self._samples = 0
        self._frames = 0
        self._finished = False

    def take_audio(self, chunk: AudioChunk) -> None:
        """Accept the next audio."""
        self._still_open()
        _expect("audio.sequence", chunk.sequence, self._chunks)
        _expect("audio.start_sample", chunk.start_sample, self._samples)
        if len(chunk.pcm) % 2:
            raise _violation("audio.pcm", f"{len(chunk.pcm)} bytes hold half a sample; samples are 16-bit.")
        lead = chunk.end_sample - self._frames_end(self._frames)
        if lead > MAX_LEAD_S * self._rate:
            raise _violation("audio.pcm", f"{lead / self._rate:.0f} s ahead of the frames; push them along with it.")
        self._chunks += 1
        self._samples = chunk.end_sample

    def take_frames(self, batch: FrameBatch) -> None:
        """Accept the next frames."""
        self._still_open()
        _expect("frames.first_frame", batch.first_frame, self._frames)
        size = self._video.frame_bytes
        if batch.count < 1 or len(batch.data) != batch.count * size:
            raise _violation(
                "frames.data",
                f"{len(batch.data)} bytes for {batch.count} frames; "
                f"a {self._video.width}x{self._video.height} {self._video.pixel_format.value} frame has {size}.",
            )
        lead = self._frames_end(batch.end_frame) - self._samples
        if lead > MAX_LEAD_S * self._rate:
            raise _violation(
                "frames.first_frame",
                f"{lead / self._rate:.0f} s ahead of the audio; push it along with the frames.",
            )
        self._frames = batch.end_frame

    def finish(self) -> None:
        """Accept the end: at least one frame, and audio that ends with the last frame, within one frame."""
        self._still_open()
        if not self._frames:
            raise _violation("frames", "none came; push at least one before the end.")
        earliest, latest = self._frames_end(self._frames - 1), self._frames_end(self._frames + 1)
        if not earliest <= self._samples <= latest:
            raise _violation(
                "audio.start_sample",
                f"the audio ends at sample {self._samples}, but {self._frames} frames end at sample "
                f"{self._frames_end(self._frames)}; let both end within one frame of each other.",
            )
        self._finished = True

    def _frames_end(self, frames: int) -> int:
        return self._video.frame_start_sample(frames, self._rate)

    def _still_open(self) -> None:
        if self._finished:
            raise _violation("finish", "it ended the stream; nothing can follow.")


def _expect(field: str, value: int, expected: int) -> None:
    if value != expected:
        raise _violation(field, f"{value} cannot follow, {expected} comes next; send every piece once, in order.")


def _violation(field: str, message: str) -> InvalidArgument:
    return InvalidArgument(Reason.STREAM_PROTOCOL, f"{field}: {message}", field=field)
