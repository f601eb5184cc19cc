"""Raw pictures and PCM, with their times, through one pipe: NUT."""

from contextlib import suppress
from typing import IO

import av
import numpy as np

from likeness_common.media import PixelFormat
from likeness_common.stages.compositor import OutputSpec


class Feed:
    """Writes NUT to `pipe`. Raises BrokenPipeError when nobody reads it any more."""

    def __init__(self, pipe: IO[bytes], spec: OutputSpec) -> None:
        video = spec.video
        self._pipe = pipe
        self._sample_rate_hz = spec.audio.sample_rate_hz
        self._shape: tuple[int, ...] = (video.height * 3 // 2, video.width)
        self._pixels = "yuv420p"
        if video.pixel_format is PixelFormat.RGB24:
            self._shape = (video.height, video.width, 3)
            self._pixels = "rgb24"
        # Each packet leaves at once: the caller decides the order, and a track that is ahead must not fill memory.
        self._container = av.open(pipe, "w", format="nut", options={"max_interleave_delta": "1"})
        self._pictures = self._container.add_stream("rawvideo", rate=video.fps)
        self._pictures.width, self._pictures.height = video.width, video.height
        self._pictures.pix_fmt = self._pixels
        self._sound = self._container.add_stream("pcm_s16le", rate=spec.audio.sample_rate_hz, layout="mono")

    def picture(self, data: memoryview, index: int) -> None:
        """Write frame `index`."""
        pixels = np.frombuffer(data, np.uint8).reshape(self._shape)
        frame = av.VideoFrame.from_numpy_buffer(pixels, self._pixels)
        frame.pts = index
        self._container.mux(self._pictures.encode(frame))

    def sound(self, pcm: bytes, start_sample: int) -> None:
        """Write 16-bit samples."""
        samples = np.frombuffer(pcm, "<i2")
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], "s16", "mono")
        frame.sample_rate = self._sample_rate_hz
        frame.pts = start_sample
        self._container.mux(self._sound.encode(frame))

    def close(self) -> None:
        """End the stream and the pipe."""
        self._container.close()
        self._pipe.close()

    def abandon(self) -> None:
        """Close the pipe as it is; libavformat then writes no trailer."""
        with suppress(BrokenPipeError):
            self._pipe.close()
        self._container.close()
