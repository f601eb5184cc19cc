"""Opening an audio file that a stranger sent.

Its first bytes choose the one demuxer that may read it, and only audio codecs may be opened: so no playlist is
followed, no other file is read, and no cover picture is decoded.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import av
from av.container import InputContainer

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.validation.recording import SHRINK

FIELD = "recording.file"
MAX_CHANNELS = 8
RATE_RANGE_HZ = (8000, 192_000)

_DEMUXERS = (
    (re.compile(rb"(RIFF|RF64)....WAVE", re.DOTALL), "wav"),
    (re.compile(rb"fLaC"), "flac"),
    (re.compile(rb"OggS"), "ogg"),
    (re.compile(rb"\x1aE\xdf\xa3"), "matroska"),
    (re.compile(rb"....ftyp", re.DOTALL), "mov"),
    (re.compile(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"), "mp3"),
)
"""How files of each kind begin; an MP3 with a tag or with a frame of layer III."""

_CODECS = (
    *("aac", "alac", "flac", "libopus", "libvorbis", "mp3", "mp3float", "opus", "vorbis"),
    *("pcm_alaw", "pcm_f32le", "pcm_f64le", "pcm_mulaw", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_u8"),
)

_TABLES = re.compile(rb"(?=(....)(?:st(?:sz|z2)....|trun)....(....))", re.DOTALL)
"""Tables of samples in an MP4, with the size of the box and the number of samples."""

_COMPRESSED_INDEX = re.compile(rb"\0\0..cmov\0\0..dcom", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file and its first audio track."""

    container: InputContainer
    track: av.AudioStream


@contextmanager
def opened(file: bytes) -> Iterator[Opened]:
    """Open a file. Raises InvalidArgument (RECORDING_UNREADABLE) for one without audio that can be played."""
    demuxer = _demuxer(file)
    if demuxer == "mov":
        _check_tables(file)
    options = {"codec_whitelist": ",".join(_CODECS)}
    try:
        container = av.open(io.BytesIO(file), "r", format=demuxer, options=options, metadata_errors="ignore")
    except (av.FFmpegError, ValueError) as error:
        raise unreadable("is damaged or no audio file") from error
    with container:
        if not container.streams.audio:
            raise unreadable("has no sound in it")
        track = container.streams.audio[0]
        if track.codec_context is None or track.codec_context.codec.name not in _CODECS:
            raise unreadable("has sound in an encoding that is not accepted")
        check_sound(track.channels, track.rate)
        yield Opened(container, track)


def check_sound(channels: int, rate_hz: int) -> None:
    """Refuse sound that no microphone made: InvalidArgument (RECORDING_UNREADABLE)."""
    if not 1 <= channels <= MAX_CHANNELS:
        raise unreadable(f"has {channels} channels, the limit is {MAX_CHANNELS}")
    low, high = RATE_RANGE_HZ
    if not low <= rate_hz <= high:
        raise unreadable(f"has {rate_hz} samples a second, which is not from {low} to {high}")


def unreadable(what: str) -> InvalidArgument:
    """The error of a file that cannot be played because it `what`."""
    message = f"{FIELD} {what}; save it as WAV, FLAC, MP3, Ogg, M4A or WebM, as in `{SHRINK}`"
    return InvalidArgument(Reason.RECORDING_UNREADABLE, message, field=FIELD)


def _check_tables(file: bytes) -> None:
    """Refuse an MP4 that lists more samples than it has bytes: FFmpeg would make room for them all before reading one.

    So would an index that is itself compressed (`cmov`), which nobody writes any more.
    """
    for size, count in _TABLES.findall(file):
        if int.from_bytes(size) <= len(file) < int.from_bytes(count):
            raise unreadable("is damaged")
    if _COMPRESSED_INDEX.search(file):
        raise unreadable("has a compressed index")


def _demuxer(file: bytes) -> str:
    for beginning, name in _DEMUXERS:
        if beginning.match(file):
            return name
    raise unreadable("is not audio of a kind that is accepted")
