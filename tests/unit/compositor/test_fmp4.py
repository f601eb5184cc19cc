import struct
from collections.abc import Iterator

import pytest

from likeness_compositor.fmp4 import AudioTrack, Samples, VideoTrack, init_segment, media_segment

pytestmark = pytest.mark.unit

VIDEO = VideoTrack(512, 256, 12_800, 512, b"avcC-bytes")
AUDIO = AudioTrack(48_000, 1024, 1024, 96_000, b"\x11\x88")
CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf", b"edts", b"dinf"}


def boxes(data: bytes, path: str = "") -> Iterator[tuple[str, bytes]]:
    """Path and payload of every box; fails unless the sizes add up."""
    position = 0
    while position < len(data):
        size, kind = struct.unpack_from(">I4s", data, position)
        assert 8 <= size <= len(data) - position
        payload = data[position + 8 : position + size]
        here = f"{path}/{kind.decode()}"
        yield here, payload
        if kind in CONTAINERS:
            yield from boxes(payload, here)
        position += size
    assert position == len(data)


def only(data: bytes, path: str) -> list[bytes]:
    return [payload for here, payload in boxes(data) if here == path]


def test_init_segment_describes_both_tracks() -> None:
    data = init_segment(VIDEO, AUDIO)
    assert [path for path, _ in boxes(data) if path.count("/") == 1] == ["/ftyp", "/moov"]
    assert [struct.unpack_from(">I", payload, 12)[0] for payload in only(data, "/moov/trak/mdia/mdhd")] == [
        12_800,
        48_000,
    ]
    assert len(only(data, "/moov/mvex/trex")) == 2
    video_entry, audio_entry = only(data, "/moov/trak/mdia/minf/stbl/stsd")
    assert b"avc1" in video_entry
    assert b"avcCavcC-bytes" in video_entry
    assert b"colrnclx" + struct.pack(">HHHB", 6, 6, 6, 0) in video_entry
    assert b"mp4a" in audio_entry
    assert AUDIO.config in audio_entry


def test_the_edit_list_hides_the_priming() -> None:
    (edits,) = only(init_segment(VIDEO, AUDIO), "/moov/trak/edts/elst")
    assert struct.unpack(">IIIiI", edits) == (0, 1, 0, 1024, 0x10000)


def test_a_fragment_locates_its_own_samples() -> None:
    pictures = Samples(5 * 512, [b"IDR-picture", b"P", b"PP"])
    sound = Samples(9 * 1024, [b"sound-one", b"sound-two"], last_ticks=300)
    data = media_segment(7, VIDEO, pictures, AUDIO, sound)
    (mfhd,) = only(data, "/moof/mfhd")
    assert struct.unpack(">II", mfhd) == (0, 7)
    assert [struct.unpack(">IQ", payload) for payload in only(data, "/moof/traf/tfdt")] == [
        (1 << 24, 5 * 512),
        (1 << 24, 9 * 1024),
    ]
    for header in only(data, "/moof/traf/tfhd"):
        assert struct.unpack_from(">I", header)[0] & 0x020000, "default-base-is-moof"
    video_run, audio_run = only(data, "/moof/traf/trun")
    count, offset, first_flags = struct.unpack_from(">IiI", video_run, 4)
    assert (count, first_flags) == (3, 0x02000000)
    assert struct.unpack_from(">3I", video_run, 16) == (11, 1, 2)
    assert data[offset : offset + 14] == b"IDR-picturePPP"
    count, offset = struct.unpack_from(">Ii", audio_run, 4)
    assert struct.unpack_from(">4I", audio_run, 12) == (1024, 9, 300, 9)
    assert count == 2
    assert data[offset:] == b"sound-onesound-two"


def test_times_beyond_32_bits_fit() -> None:
    data = media_segment(1, VIDEO, Samples(2**40, [b"I"]), AUDIO, Samples(2**41, [b"a"]))
    assert [struct.unpack(">IQ", payload)[1] for payload in only(data, "/moof/traf/tfdt")] == [2**40, 2**41]
