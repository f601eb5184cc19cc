"""What a viewer gets: pictures and sound out of the bytes of a film."""

from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from bench.meter.film import RATE

Image = NDArray[np.uint8]

SEARCH_S = 0.5
"""How far sound may lie from where it was said to be."""


def pictures(film: bytes) -> Iterator[tuple[float, Image]]:
    """Each picture (height, width, 3) in RGB with the second at which it shows."""
    with av.open(BytesIO(film), "r") as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None
            yield float(frame.pts * (frame.time_base or Fraction(0))), np.asarray(frame.to_ndarray(format="rgb24"))


def sound(film: bytes) -> NDArray[np.int16]:
    """The sound from second 0 of the film on, at RATE."""
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(BytesIO(film), "r") as container:
        frames = list(container.decode(audio=0))
    start = float((frames[0].pts or 0) * (frames[0].time_base or Fraction(0)))
    pieces = [piece.to_ndarray().ravel() for frame in [*frames, None] for piece in resampler.resample(frame)]
    samples = np.concatenate(pieces).astype(np.int16)
    lead = round(start * RATE)
    return np.concatenate([np.zeros(max(0, lead), np.int16), samples[max(0, -lead) :]])


def sound_delay(film: bytes, pcm: NDArray[np.int16]) -> float:
    """Seconds by which the sound of a film comes later than `pcm` said, by the peak of their correlation."""
    heard = sound(film).astype(np.float64)
    size = 1 << (len(pcm) + len(heard) - 1).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(pcm.astype(np.float64), size))
    correlation = np.fft.irfft(spectrum, size)
    reach = round(SEARCH_S * RATE)
    around = np.concatenate([correlation[-reach:], correlation[: reach + 1]])
    return float(np.argmax(around) - reach) / RATE


def with_sound_moved(film: bytes, delay_s: float) -> bytes:
    """The same coded pictures and sound, the sound `delay_s` seconds later (earlier when negative)."""
    output = BytesIO()
    # A positive time base for everything: whatever comes first begins at zero.
    shift = {"audio": max(0.0, delay_s), "video": max(0.0, -delay_s)}
    with av.open(BytesIO(film), "r") as source, av.open(output, "w", format="mp4") as target:
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is None:
                continue
            moved = round(shift[packet.stream.type] / float(packet.time_base))
            packet.pts, packet.dts = (packet.pts or 0) + moved, packet.dts + moved
            packet.stream = streams[packet.stream.index]
            target.mux(packet)
    return output.getvalue()
