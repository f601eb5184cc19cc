"""An audio file as mono samples, decoded as they are asked for, so that memory does not grow with its length."""

from collections.abc import Generator, Iterable, Iterator
from typing import TypeAlias

import av
import numpy as np
import soxr
from numpy.typing import NDArray

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.stages.speech import MAX_RECORDING_S
from likeness_tts.audio import to_int16
from likeness_tts.recording.container import FIELD, Opened, check_sound, opened, unreadable

_BLOCK_S = 0.5
"""Decoded at a time. Audio is needed no faster than it is played."""

_TOLERANCE_S = 0.1
"""Encoders fill their last packet up."""

_PACKET_S = 10
"""No packet lasts so long: the last one of some Ogg files states a negative length, which FFmpeg reads as a day."""

_FULL_SCALE = 2.0**31

Packet: TypeAlias = "av.Packet[av.AudioStream]"
Samples = NDArray[np.float32]


def measure(file: bytes) -> int:
    """Length in microseconds as the packets state it; only the first one is decoded.

    Raises InvalidArgument: RECORDING_UNREADABLE, RECORDING_EMPTY or RECORDING_TOO_LONG.
    """
    with opened(file) as source:
        seconds, heard = 0.0, False
        for packet in _packets(source):
            stated = float((packet.duration or 0) * packet.time_base)
            seconds += stated if stated < _PACKET_S else 0
            heard = heard or bool(_decoded(packet))
        if not heard:
            raise _empty()
        _check_length(seconds)
    return round(seconds * 1e6)


def play(file: bytes, sample_rate_hz: int) -> Generator[NDArray[np.int16], None, None]:
    """Decode, mix down to mono and resample; yields blocks of half a second, the last one shorter.

    Raises InvalidArgument as `measure` does, before the first block or where the file is damaged or too long.
    """
    with opened(file) as source:
        block_samples = int(_BLOCK_S * sample_rate_hz)
        waiting: list[Samples] = []
        count = total = 0
        for samples in _at_rate(_mono(_frames(source)), sample_rate_hz):
            waiting.append(samples)
            count += len(samples)
            total += len(samples)
            _check_length(total / sample_rate_hz)
            if count >= block_samples:
                yield to_int16(np.concatenate(waiting))
                waiting, count = [], 0
        if not total:
            raise _empty()
        if count:
            yield to_int16(np.concatenate(waiting))


def _frames(source: Opened) -> Iterator[av.AudioFrame]:
    """Decoded sound. A file may break off in its last packet, but what is damaged before that is refused."""
    damaged: InvalidArgument | None = None
    heard = False
    for packet in _packets(source):
        try:
            frames = _decoded(packet)
        except InvalidArgument as error:
            damaged = damaged or error
            continue
        if damaged and frames:
            raise damaged
        heard = heard or bool(frames)
        yield from frames
    if damaged and not heard:
        raise damaged


def _packets(source: Opened) -> Iterator[Packet]:
    try:
        yield from source.container.demux(source.track)  # the last packet is empty and empties the decoder
    except av.FFmpegError as error:
        raise unreadable("is damaged") from error


def _decoded(packet: Packet) -> list[av.AudioFrame]:
    try:
        return packet.decode()
    except av.FFmpegError as error:
        raise unreadable("is damaged") from error


def _mono(frames: Iterable[av.AudioFrame]) -> Iterator[tuple[int, Samples]]:
    """The mean of all channels, weighted as their places in the room ask for, with the rate. A track may change both.

    Mixed as integers, because FFmpeg then keeps the sum of the weights at 1 and with it the level.
    """
    mixers: dict[tuple[str, str, int], av.AudioResampler] = {}
    for frame in frames:
        check_sound(frame.layout.nb_channels, frame.sample_rate)
        kind = frame.format.name, frame.layout.name, frame.sample_rate
        if kind not in mixers:
            mixers = {kind: av.AudioResampler("s32", "mono", frame.sample_rate)}
        frame.pts = None
        for mixed in mixers[kind].resample(frame):
            yield frame.sample_rate, (mixed.to_ndarray()[0] / _FULL_SCALE).astype(np.float32)


def _at_rate(stretches: Iterable[tuple[int, Samples]], rate_hz: int) -> Iterator[Samples]:
    """The same sound at one rate, its delay taken out."""
    stream: soxr.ResampleStream | None = None
    stream_hz = 0
    for from_hz, samples in stretches:
        if from_hz != stream_hz:
            if stream is not None:
                yield stream.resample_chunk(np.zeros(0, np.float32), last=True)
            stream = None if from_hz == rate_hz else soxr.ResampleStream(from_hz, rate_hz, 1, "float32", "HQ")
            stream_hz = from_hz
        yield samples if stream is None else stream.resample_chunk(samples)
    if stream is not None:
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _check_length(seconds: float) -> None:
    if seconds > MAX_RECORDING_S + _TOLERANCE_S:
        raise InvalidArgument(
            Reason.RECORDING_TOO_LONG,
            f"{FIELD} is longer than {MAX_RECORDING_S} s, which is the limit; send it in parts",
            field=FIELD,
            metadata={"limit_s": str(MAX_RECORDING_S)},
        )


def _empty() -> InvalidArgument:
    message = f"{FIELD} holds no sound; record something and send that"
    return InvalidArgument(Reason.RECORDING_EMPTY, message, field=FIELD)
