"""What turns audio and frames into segments. Its methods block, and are called one after another on one thread."""

from collections.abc import Iterator
from typing import Protocol

from likeness_common.media import Segment


class Writer(Protocol):
    """One output. `abort` alone may come from another thread, at any time."""

    def start(self) -> list[Segment]:
        """The segments that need no input."""

    def add_audio(self, pcm: bytes) -> list[Segment]:
        """Take the next samples; return the segments that they complete."""

    def add_frame(self, data: memoryview) -> list[Segment]:
        """Take the next frame; return the segments that it completes."""

    def finish(self) -> Iterator[Segment]:
        """End the input and yield what is left. Missing sound becomes silence, sound beyond the last frame is cut."""

    def abort(self) -> None:
        """Make a call that is under way return soon, if only by failing."""

    def close(self) -> None:
        """Free everything; the last call."""
