"""ISO base media boxes (ISO/IEC 14496-12, -14, -15): the vocabulary of an MP4 file with H.264 and AAC."""

import struct

_UNITY_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_UNDETERMINED_LANGUAGE = 0x55C4
_BT601 = 6
"""SMPTE 170M in the tables of ISO/IEC 23091-2: primaries, transfer and matrix of BT.601."""


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box: size, four-character `kind`, payload."""
    payload = b"".join(parts)
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box with a version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def movie_header(next_track: int) -> bytes:
    """`mvhd` of unknown duration, as a fragmented file has."""
    head = struct.pack(">IIIIIH10x", 0, 0, 1000, 0, 0x10000, 0x0100)
    return full_box(b"mvhd", 0, 0, head, _UNITY_MATRIX, bytes(24), struct.pack(">I", next_track))


def track_header(track: int, *, width: int = 0, height: int = 0, volume: int = 0) -> bytes:
    """`tkhd` of an enabled track; audio has a volume (8.8 fixed point), video a size in pixels."""
    head = struct.pack(">IIIII8xHHH2x", 0, 0, track, 0, 0, 0, 0, volume)
    return full_box(b"tkhd", 0, 3, head, _UNITY_MATRIX, struct.pack(">II", width << 16, height << 16))


def media(timescale: int, handler: bytes, name: bytes, media_header: bytes, sample_entry: bytes) -> bytes:
    """`mdia` of a track whose samples all lie in fragments."""
    header = struct.pack(">IIIIHH", 0, 0, timescale, 0, _UNDETERMINED_LANGUAGE, 0)
    empty = struct.pack(">I", 0)
    tables = box(
        b"stbl",
        full_box(b"stsd", 0, 0, struct.pack(">I", 1), sample_entry),
        full_box(b"stts", 0, 0, empty),
        full_box(b"stsc", 0, 0, empty),
        full_box(b"stsz", 0, 0, empty, empty),
        full_box(b"stco", 0, 0, empty),
    )
    same_file = full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1))
    return box(
        b"mdia",
        full_box(b"mdhd", 0, 0, header),
        full_box(b"hdlr", 0, 0, bytes(4), handler, bytes(12), name + b"\0"),
        box(b"minf", media_header, box(b"dinf", same_file), tables),
    )


def avc_sample_entry(width: int, height: int, avcc: bytes) -> bytes:
    """`avc1`, tagged BT.601 limited range; `avcc` is an AVCDecoderConfigurationRecord."""
    head = struct.pack(">6xH16xHHIIIH32sHh", 1, width, height, 0x480000, 0x480000, 0, 1, b"", 24, -1)
    colour = box(b"colr", b"nclx", struct.pack(">HHHB", _BT601, _BT601, _BT601, 0))
    square_pixels = box(b"pasp", struct.pack(">II", 1, 1))
    return box(b"avc1", head, box(b"avcC", avcc), colour, square_pixels)


def aac_sample_entry(sample_rate_hz: int, bit_rate: int, config: bytes) -> bytes:
    """`mp4a`, mono; `config` is an AudioSpecificConfig."""
    head = struct.pack(">6xH8xHH4xI", 1, 1, 16, sample_rate_hz << 16)
    decoder = struct.pack(">BB3xII", 0x40, 0x15, bit_rate, bit_rate) + _descriptor(5, config)
    stream = struct.pack(">HB", 0, 0) + _descriptor(4, decoder) + _descriptor(6, b"\x02")
    return box(b"mp4a", head, full_box(b"esds", 0, 0, _descriptor(3, stream)))


def edit_list(media_time: int) -> bytes:
    """`edts` that starts the presentation at `media_time` of the track, open-ended."""
    return box(b"edts", full_box(b"elst", 0, 0, struct.pack(">IIiI", 1, 0, media_time, 0x10000)))


def track_defaults(track: int) -> bytes:
    """`trex`; each fragment states its own defaults."""
    return full_box(b"trex", 0, 0, struct.pack(">IIIII", track, 1, 0, 0, 0))


def _descriptor(tag: int, payload: bytes) -> bytes:
    """A descriptor of MPEG-4 Systems, shorter than 128 bytes."""
    return struct.pack(">BB", tag, len(payload)) + payload
