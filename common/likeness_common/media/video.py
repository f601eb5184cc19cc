"""Raw frames and encoded segments."""

import hashlib
from dataclasses import dataclass, replace
from enum import Enum

MAX_FRAME_PIXELS = 1920 * 1088
"""Largest frame: as I420 it is 3.1 MB, so one frame fits gRPC's default message limit of 4 MiB."""

MAX_MESSAGE_BYTES = 4 * 1024 * 1024 - 64 * 1024
"""Budget for the pixels of one message, leaving room for the other fields."""


class PixelFormat(Enum):
    """Layout of raw frames. I420 is planar 4:2:0, BT.601 limited range."""

    RGB24 = "rgb24"
    I420 = "i420"


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """Frames of `width` x `height` pixels (even, 64 to 1920) at `fps` (10 to 60). Frame i shows at i / fps."""

    width: int
    height: int
    fps: int = 25
    pixel_format: PixelFormat = PixelFormat.I420

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame."""
        pixels = self.width * self.height
        return pixels * 3 if self.pixel_format is PixelFormat.RGB24 else pixels * 3 // 2

    @property
    def frames_per_message(self) -> int:
        """Most frames that one message carries."""
        return max(1, MAX_MESSAGE_BYTES // self.frame_bytes)

    def frame_start_sample(self, frame: int, sample_rate_hz: int) -> int:
        """Sample at which `frame` shows: floor(frame * rate / fps), exact for any length."""
        return frame * sample_rate_hz // self.fps

    def frames_covering(self, samples: int, sample_rate_hz: int) -> int:
        """Fewest frames that last at least as long as `samples`."""
        return -(-samples * self.fps // sample_rate_hz)


@dataclass(frozen=True, slots=True)
class FrameBatch:
    """`count` consecutive frames from `first_frame` on, back to back in `data`.

    `checkpoint` is opaque engine state after the last frame; an animation opened with it continues identically.
    """

    first_frame: int
    count: int
    data: bytes
    checkpoint: bytes = b""

    @property
    def end_frame(self) -> int:
        """One past the last frame."""
        return self.first_frame + self.count


class Container(Enum):
    """Format of the finished bytes."""

    FRAGMENTED_MP4 = "fmp4"
    FASTSTART_MP4 = "mp4"
    WEBM = "webm"


class SegmentKind(Enum):
    """INIT and MEDIA make up a fragmented MP4; FILE is a slice of a finished file."""

    INIT = "init"
    MEDIA = "media"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Segment:
    """A whole piece of the output. All `data` in order of `sequence` is a valid file.

    For MEDIA, `first_frame` and `frame_count` place it on the frame clock, and `pts_us`, `duration_us` restate that
    in microseconds; they are 0 otherwise.
    """

    sequence: int
    kind: SegmentKind
    data: bytes
    sha256: str
    first_frame: int = 0
    frame_count: int = 0
    pts_us: int = 0
    duration_us: int = 0

    @staticmethod
    def of(sequence: int, kind: SegmentKind, data: bytes) -> "Segment":
        """A segment without a place on the frame clock."""
        return Segment(sequence, kind, data, hashlib.sha256(data).hexdigest())

    def at(self, first_frame: int, frame_count: int, fps: int) -> "Segment":
        """The same segment placed on the frame clock."""
        start, end = (frame * 1_000_000 // fps for frame in (first_frame, first_frame + frame_count))
        return replace(self, first_frame=first_frame, frame_count=frame_count, pts_us=start, duration_us=end - start)
