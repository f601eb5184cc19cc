import av
import numpy as np
import pytest

from likeness_common.media import AudioFormat
from likeness_compositor.sound import FRAME_SAMPLES, SoundTrack

pytestmark = pytest.mark.unit

RATE_HZ = 24_000
SPEECH = (9000 * np.sin(np.arange(RATE_HZ) ** 1.2 / 90)).astype("<i2")


def encode(chunk: int, samples: int = 48_000) -> list[bytes]:
    track = SoundTrack(AudioFormat(RATE_HZ))
    packets = -(-samples // FRAME_SAMPLES) + 1
    for start in range(0, len(SPEECH), chunk):
        track.add(SPEECH[start : start + chunk].tobytes())
        track.encode(packets)
    track.finish(samples)
    track.encode(packets)
    return list(track.packets)


def decode(packets: list[bytes]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    decoder = av.CodecContext.create("aac", "r")
    decoder.extradata = SoundTrack(AudioFormat(RATE_HZ)).config
    frames = [frame.to_ndarray()[0] for packet in packets for frame in decoder.decode(av.Packet(packet))]
    return np.concatenate(frames).astype(np.float32)


def test_packets_do_not_depend_on_chunks() -> None:
    assert encode(100) == encode(7001) == encode(RATE_HZ)


def test_sound_comes_back_at_its_place() -> None:
    heard = decode(encode(RATE_HZ))[FRAME_SAMPLES::2][:RATE_HZ]
    error = heard - SPEECH / 32768
    assert np.sqrt(np.mean(error**2)) < 0.1 * np.sqrt(np.mean((SPEECH / 32768.0) ** 2))


def test_only_what_is_asked_for_is_encoded() -> None:
    track = SoundTrack(AudioFormat(RATE_HZ))
    track.add(SPEECH.tobytes())
    track.encode(4)
    assert len(track.packets) == 4
    track.encode(3)
    assert len(track.packets) == 4


def test_a_short_end_becomes_silence() -> None:
    packets = encode(RATE_HZ, samples=60_000)
    assert len(packets) == 60
    assert np.abs(decode(packets)[FRAME_SAMPLES + 50_000 :]).max() < 1e-3


def test_a_long_end_is_cut() -> None:
    packets = encode(RATE_HZ, samples=24_000)
    assert len(packets) == 25
    assert np.abs(decode(packets)[FRAME_SAMPLES + 24_000 + 1024 :]).max(initial=0) < 1e-3
