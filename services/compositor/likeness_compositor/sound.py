"""Speech becomes AAC packets, no sooner than the pictures need them."""

from collections import deque
from fractions import Fraction

import av
import numpy as np
from av.codec.context import Flags
from numpy.typing import NDArray

from likeness_common.media import AudioFormat

OUTPUT_RATE_HZ = 48_000
"""Every player takes 48 kHz, and the AAC priming then lasts 21 ms: less than a frame of video."""

BIT_RATE = 96_000
FRAME_SAMPLES = 1024
PRIMING_SAMPLES = 1024
_ENCODER_LOOKAHEAD = 1
"""The encoder answers the first frame with nothing, and each later one with the packet of the frame before."""

_BLOCKS_PER_SECOND = 100


class SoundTrack:
    """Resamples mono s16 PCM to 48 kHz and encodes AAC-LC. Packet p covers samples [(p - 1) * 1024, p * 1024).

    The packets depend on the samples alone, not on how they were pushed. What is not needed yet stays PCM, so a long
    sentence pushed at once delays no picture.
    """

    def __init__(self, source: AudioFormat) -> None:
        self._source_rate = source.sample_rate_hz
        self._block_bytes = 2 * (source.sample_rate_hz // _BLOCKS_PER_SECOND)
        self._pcm = bytearray()
        self._resampler = av.AudioResampler(format="fltp", layout="mono", rate=OUTPUT_RATE_HZ)
        self._resampled: NDArray[np.float32] = np.empty(0, np.float32)
        self._aac = _open_aac(source.sample_rate_hz)
        self._frames_in = 0
        self.packets: deque[bytes] = deque()

    @property
    def config(self) -> bytes:
        """AudioSpecificConfig."""
        return self._aac.extradata or b""

    def add(self, pcm: bytes) -> None:
        """Take the next samples."""
        self._pcm += pcm

    def encode(self, packet_count: int) -> None:
        """Append to `packets`, as far as the sound at hand allows, until `packet_count` were made in all."""
        while self._frames_in < packet_count + _ENCODER_LOOKAHEAD:
            if len(self._resampled) >= FRAME_SAMPLES:
                self._encode_frame()
            elif len(self._pcm) >= self._block_bytes:
                self._resample(self._block_bytes)
            else:
                return

    def finish(self, sample_count: int) -> None:
        """End the sound after `sample_count` samples at 48 kHz: cut what is beyond, add silence where it is short."""
        if self._pcm:
            self._resample(len(self._pcm))
        self._collect(self._resampler.resample(None))
        frames = -(-sample_count // FRAME_SAMPLES) + 1 + _ENCODER_LOOKAHEAD
        self._resampled = self._resampled[: max(0, sample_count - self._frames_in * FRAME_SAMPLES)]
        silence = (frames - self._frames_in) * FRAME_SAMPLES - len(self._resampled)
        self._resampled = np.append(self._resampled, np.zeros(max(0, silence), np.float32))

    def _resample(self, byte_count: int) -> None:
        samples = np.frombuffer(bytes(self._pcm[:byte_count]), "<i2")
        del self._pcm[:byte_count]
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], "s16", "mono")
        frame.sample_rate = self._source_rate
        self._collect(self._resampler.resample(frame))

    def _collect(self, frames: list[av.AudioFrame]) -> None:
        self._resampled = np.concatenate([self._resampled, *(frame.to_ndarray()[0] for frame in frames)])

    def _encode_frame(self) -> None:
        frame = av.AudioFrame.from_ndarray(self._resampled[np.newaxis, :FRAME_SAMPLES], "fltp", "mono")
        frame.sample_rate = OUTPUT_RATE_HZ
        frame.pts = self._frames_in * FRAME_SAMPLES
        self._resampled = self._resampled[FRAME_SAMPLES:]
        self._frames_in += 1
        self.packets.extend(bytes(packet) for packet in self._aac.encode(frame))


def _open_aac(source_rate_hz: int) -> av.AudioCodecContext:
    """FFmpeg's encoder. Its `fast` search keeps more of speech at this rate than the slow one, at half the cost."""
    context = av.CodecContext.create("aac", "w")
    context.sample_rate = OUTPUT_RATE_HZ
    context.format = "fltp"
    context.layout = "mono"
    context.bit_rate = BIT_RATE
    context.time_base = Fraction(1, OUTPUT_RATE_HZ)
    context.flags |= Flags.global_header | Flags.bitexact
    context.options = {"aac_coder": "fast", "cutoff": str(min(source_rate_hz // 2, 20_000))}
    context.open()
    return context
