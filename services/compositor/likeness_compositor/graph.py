"""The ffmpeg commands that make finished files: raw frames and PCM in as NUT, a whole file out."""

from typing import Any

import ffmpeg
import imageio_ffmpeg

from likeness_common.media import Container, PixelFormat
from likeness_common.stages.compositor import OutputSpec

_THREADS = 2
"""Fixed, because the coded bytes depend on it."""

_SECONDS_PER_KEYFRAME = 4
_TO_BT601 = {"out_color_matrix": "bt601", "out_range": "tv", "sws_flags": "bicubic+accurate_rnd+bitexact"}
_TAG_BT601 = {
    "color_primaries": "smpte170m",
    "color_trc": "smpte170m",
    "colorspace": "smpte170m",
    "range": "tv",
}
_X264_TO_VP9_CRF = 10
"""VP9's scale goes to 63 where x264's goes to 51; this far apart, a face looks about the same."""


def command(spec: OutputSpec) -> list[str]:
    """Reads NUT from standard input and writes the file to standard output, which has to be a regular file."""
    source = ffmpeg.input("pipe:0", format="nut")
    picture, sound = source.video, source.audio.filter("aresample", 48_000)
    if spec.video.pixel_format is PixelFormat.RGB24:
        picture = picture.filter("scale", **_TO_BT601).filter("format", "yuv420p")
    picture = picture.filter("setparams", **_TAG_BT601)
    codecs = _vp9_opus(spec) if spec.container is Container.WEBM else _h264_aac(spec)
    common = {
        "map_metadata": -1,
        "fflags": "+bitexact",
        "flags:v": "+bitexact",
        "flags:a": "+bitexact",
        "threads": _THREADS,
        "g": _SECONDS_PER_KEYFRAME * spec.video.fps,
    }
    graph = ffmpeg.output(picture, sound, "fd:", **common, **codecs).global_args("-nostdin", "-loglevel", "error")
    compiled: list[str] = ffmpeg.compile(graph, cmd=imageio_ffmpeg.get_ffmpeg_exe())
    return compiled


def _h264_aac(spec: OutputSpec) -> dict[str, Any]:
    """B-frames and lookahead, which the live path cannot have, save two thirds of the bytes."""
    return {
        "format": "mp4",
        "vcodec": "libx264",
        "preset": "veryfast",
        "crf": spec.crf,
        "acodec": "aac",
        "aac_coder": "fast",
        "audio_bitrate": "96k",
    }


def _vp9_opus(spec: OutputSpec) -> dict[str, Any]:
    return {
        "format": "webm",
        "vcodec": "libvpx-vp9",
        "crf": spec.crf + _X264_TO_VP9_CRF,
        "video_bitrate": 0,
        "deadline": "realtime",
        "cpu-used": 8,
        "row-mt": 1,
        "acodec": "libopus",
        "audio_bitrate": "64k",
    }
