"""Finished files: an ffmpeg process encodes into a file without a name, which is sent in slices when it is whole."""

import logging
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from likeness_common.errors import Internal, Reason
from likeness_common.media import Container, Segment, SegmentKind
from likeness_common.stages.compositor import OutputSpec
from likeness_compositor.faststart import faststart, read_range
from likeness_compositor.feed import Feed
from likeness_compositor.graph import command

log = logging.getLogger(__name__)

SLICE_BYTES = 256 * 1024
_LOGGED_BYTES = 4096


class FinishedWriter:
    """Feeds the process frame by frame; the pipe makes the caller wait when ffmpeg is behind.

    Nothing is left behind, whatever dies: the files have no name from the start, and the process ends when its standard
    input does, which the system closes even if this process is killed.
    """

    def __init__(self, spec: OutputSpec) -> None:
        self._spec = spec
        self._pcm = bytearray()
        self._samples = 0
        self._frames = 0
        self._aborted = False
        self._file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        self._errors: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        self._process = subprocess.Popen(
            command(spec),
            stdin=subprocess.PIPE,
            stdout=self._file,
            stderr=self._errors,
            start_new_session=True,  # Ctrl-C reaches the service alone, which lets running renders end
        )
        assert self._process.stdin is not None  # noqa: S101  # it is a PIPE; for the type checker
        self._feed = Feed(self._process.stdin, spec)

    def start(self) -> list[Segment]:
        """Nothing: a file is sent when it is whole."""
        return []

    def add_audio(self, pcm: bytes) -> list[Segment]:
        """Take the next samples."""
        self._pcm += pcm
        self._feed_sound()
        return []

    def add_frame(self, data: memoryview) -> list[Segment]:
        """Take the next frame."""
        with self._explained():
            self._feed.picture(data, self._frames)
        self._frames += 1
        self._feed_sound()
        return []

    def finish(self) -> Iterator[Segment]:
        """Wait for the file; yield it in slices of 256 KiB, of which only one is held at a time."""
        missing = self._end_sample() - self._samples - len(self._pcm) // 2
        self._pcm += bytes(2 * max(0, missing))
        self._feed_sound()
        with self._explained():
            self._feed.close()
        if self._process.wait():
            raise self._failure()
        for sequence, data in enumerate(_slices(self._pieces())):
            yield Segment.of(sequence, SegmentKind.FILE, data)

    def abort(self) -> None:
        """Kill the process; whoever waits for it goes on."""
        self._aborted = True
        self._process.kill()

    def close(self) -> None:
        """Free everything."""
        self._process.kill()
        self._process.wait()
        self._feed.abandon()
        self._file.close()
        self._errors.close()

    def _end_sample(self) -> int:
        return self._spec.video.frame_start_sample(self._frames, self._spec.audio.sample_rate_hz)

    def _feed_sound(self) -> None:
        """Pass sound on, up to the last frame: ffmpeg would have to keep what is ahead."""
        size = 2 * max(0, self._end_sample() - self._samples)
        pcm = bytes(self._pcm[:size])
        if pcm:
            with self._explained():
                self._feed.sound(pcm, self._samples)
            self._samples += len(pcm) // 2
            del self._pcm[:size]

    def _pieces(self) -> Iterator[bytes]:
        if self._spec.container is Container.FASTSTART_MP4:
            return faststart(self._file)
        return read_range(self._file, 0, self._file.seek(0, os.SEEK_END))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn a broken pipe into the reason why ffmpeg went away."""
        try:
            yield
        except BrokenPipeError:
            raise self._failure() from None

    def _failure(self) -> Internal:
        code = self._process.wait()
        if self._aborted:
            return Internal(Reason.INTERNAL, "the encoder process was told to stop")
        self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - _LOGGED_BYTES))
        log.error("ffmpeg ended with code %d: %s", code, self._errors.read().decode(errors="replace").strip())
        return Internal(Reason.INTERNAL, f"the encoder process ended with code {code}; the log says why")


def _slices(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in slices of 256 KiB, the last one shorter."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= SLICE_BYTES:
            yield bytes(held[:SLICE_BYTES])
            del held[:SLICE_BYTES]
    if held:
        yield bytes(held)
