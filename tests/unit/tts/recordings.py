"""Audio files, made here."""

import io
import struct
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

KINDS = {
    "wav": ("wav", "pcm_s16le", 44_100),
    "wav-24-bit": ("wav", "pcm_s24le", 48_000),
    "wav-float": ("wav", "pcm_f32le", 8000),
    "wav-8-bit": ("wav", "pcm_u8", 11_025),
    "flac": ("flac", "flac", 44_100),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "mp3-low-rate": ("mp3", "libmp3lame", 22_050),
    "ogg-opus": ("ogg", "libopus", 48_000),
    "ogg-vorbis": ("ogg", "vorbis", 44_100),
    "m4a": ("ipod", "aac", 44_100),
    "m4a-in-fragments": ("ipod", "aac", 44_100),
    "webm": ("webm", "libopus", 48_000),
}
"""Container, codec and rate by name."""

_FRAGMENTS = {"movflags": "empty_moov", "frag_duration": "500000"}
"""As browsers record: the tables of samples lie in the fragments."""


def tone(rate: int, seconds: float = 2.0, level: float = 0.5, hertz: float = 440.0) -> NDArray[np.float32]:
    """A sine, of `level` at its peaks."""
    time = np.arange(round(rate * seconds)) / rate
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def encoded(kind: str, samples: NDArray[np.float32] | None = None, layout: str = "mono", rate: int = 0) -> bytes:
    """A file with the same samples in every channel; without any, two seconds of a tone. Vorbis has to be stereo."""
    container_name, codec, usual_rate = KINDS[kind]
    rate = rate or usual_rate
    samples = tone(rate) if samples is None else samples
    channels = len(av.AudioLayout(layout).channels)
    file = io.BytesIO()
    options = _FRAGMENTS if kind.endswith("in-fragments") else {}
    with av.open(file, "w", format=container_name, container_options=options) as container:
        experimental = {"strict": "experimental"}
        track = cast("av.AudioStream", container.add_stream(codec, rate=rate, layout=layout, options=experimental))
        resampler = av.AudioResampler(track.codec_context.format, layout, rate)
        for start in range(0, len(samples), rate):  # a second at a time
            planes = np.repeat(samples[None, start : start + rate], channels, axis=0)
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes), format="fltp", layout=layout)
            frame.sample_rate = rate
            for converted in resampler.resample(frame):
                converted.pts = None
                container.mux(track.encode(converted))
        container.mux(track.encode(None))
    return file.getvalue()


def wav(rate: int = 24_000, channels: int = 1, data: bytes = bytes(48_000), bits: int = 16) -> bytes:
    """A WAV file whose header says so, whether that makes sense or not."""
    block = channels * bits // 8 & 0xFFFF
    described = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * block & 0xFFFFFFFF, block, bits)
    body = b"WAVEfmt " + described + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body
