"""Fragmented MP4: one init segment, then self-contained fragments of H.264 and AAC.

Written here because libavformat ends a fragment only when the next one begins, which costs a frame of latency, and
keeps an index that grows with the film. A fragment here is a pure function of its samples.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from likeness_compositor.boxes import (
    aac_sample_entry,
    avc_sample_entry,
    box,
    edit_list,
    full_box,
    media,
    movie_header,
    track_defaults,
    track_header,
)

_VIDEO, _AUDIO = 1, 2
_FULL_VOLUME = 0x0100

_KEYFRAME = 0x02000000
_PREDICTED_FRAME = 0x01010000
"""Sample flags: depends on no other sample; depends on others and is no sync sample."""

_DEFAULT_BASE_IS_MOOF, _DEFAULT_DURATION, _DEFAULT_FLAGS = 0x020000, 0x08, 0x20
_DATA_OFFSET, _FIRST_SAMPLE_FLAGS, _SAMPLE_DURATION, _SAMPLE_SIZE = 0x001, 0x004, 0x100, 0x200


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """H.264 pictures of `frame_ticks` each, in units of 1 / `timescale` s; `avcc` configures the decoder."""

    width: int
    height: int
    timescale: int
    frame_ticks: int
    avcc: bytes


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """Mono AAC whose timescale is its sample rate. The first `priming` samples decoded are not part of the sound."""

    sample_rate_hz: int
    frame_samples: int
    priming: int
    bit_rate: int
    config: bytes


@dataclass(frozen=True, slots=True)
class Samples:
    """Consecutive coded samples of one track, the first at `start` ticks; `last_ticks` overrides the last length."""

    start: int
    data: Sequence[bytes]
    last_ticks: int = 0


def init_segment(video: VideoTrack, audio: AudioTrack) -> bytes:
    """`ftyp` and `moov`. The edit list hides the AAC priming, so both tracks are presented from 0."""
    picture = box(
        b"trak",
        track_header(_VIDEO, width=video.width, height=video.height),
        media(
            video.timescale,
            b"vide",
            b"video",
            full_box(b"vmhd", 0, 1, bytes(8)),
            avc_sample_entry(video.width, video.height, video.avcc),
        ),
    )
    sound = box(
        b"trak",
        track_header(_AUDIO, volume=_FULL_VOLUME),
        edit_list(audio.priming),
        media(
            audio.sample_rate_hz,
            b"soun",
            b"audio",
            full_box(b"smhd", 0, 0, bytes(4)),
            aac_sample_entry(audio.sample_rate_hz, audio.bit_rate, audio.config),
        ),
    )
    extends = box(b"mvex", track_defaults(_VIDEO), track_defaults(_AUDIO))
    brands = box(b"ftyp", b"iso6", struct.pack(">I", 512), b"iso6", b"avc1", b"mp41")
    return brands + box(b"moov", movie_header(3), picture, sound, extends)


def media_segment(number: int, video: VideoTrack, pictures: Samples, audio: AudioTrack, sound: Samples) -> bytes:
    """`moof` and `mdat`: the pictures, the first of which is a keyframe, then the sound. `number` counts from 1."""

    def moof(pictures_at: int, sound_at: int) -> bytes:
        return box(
            b"moof",
            full_box(b"mfhd", 0, 0, struct.pack(">I", number)),
            _picture_run(video, pictures, pictures_at),
            _sound_run(audio, sound, sound_at),
        )

    # The runs say how far from the start of the moof their data lies, hence its size is needed first.
    pictures_at = len(moof(0, 0)) + 8
    sound_at = pictures_at + sum(map(len, pictures.data))
    return moof(pictures_at, sound_at) + box(b"mdat", *pictures.data, *sound.data)


def _picture_run(track: VideoTrack, pictures: Samples, offset: int) -> bytes:
    sizes = struct.pack(f">{len(pictures.data)}I", *map(len, pictures.data))
    head = struct.pack(">IiI", len(pictures.data), offset, _KEYFRAME)
    run = full_box(b"trun", 0, _DATA_OFFSET | _FIRST_SAMPLE_FLAGS | _SAMPLE_SIZE, head, sizes)
    return _track_fragment(_VIDEO, track.frame_ticks, _PREDICTED_FRAME, pictures.start, run)


def _sound_run(track: AudioTrack, sound: Samples, offset: int) -> bytes:
    ticks = [track.frame_samples] * len(sound.data)
    if sound.last_ticks:
        ticks[-1] = sound.last_ticks
    rows = (struct.pack(">II", length, len(data)) for length, data in zip(ticks, sound.data, strict=True))
    head = struct.pack(">Ii", len(sound.data), offset)
    run = full_box(b"trun", 0, _DATA_OFFSET | _SAMPLE_DURATION | _SAMPLE_SIZE, head, *rows)
    return _track_fragment(_AUDIO, track.frame_samples, _KEYFRAME, sound.start, run)


def _track_fragment(track: int, ticks: int, flags: int, start: int, run: bytes) -> bytes:
    defaults = _DEFAULT_BASE_IS_MOOF | _DEFAULT_DURATION | _DEFAULT_FLAGS
    return box(
        b"traf",
        full_box(b"tfhd", 0, defaults, struct.pack(">III", track, ticks, flags)),
        full_box(b"tfdt", 1, 0, struct.pack(">Q", start)),
        run,
    )
