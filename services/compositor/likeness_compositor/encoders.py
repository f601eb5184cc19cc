"""Pictures become H.264 without delay: one raw frame in, one coded picture out."""

from fractions import Fraction

import av
import numpy as np
from av.codec.context import Flags
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter

from likeness_common.errors import Internal, Reason
from likeness_common.media import PixelFormat, VideoFormat

X264_PRESET = "superfast"
"""See docs/adr/003-encoder.md: at equal quality 25 % less processor time than veryfast, 5 % more bytes."""

_SCALER = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
"""Rounds instead of truncating, and gives the same pixels on every processor."""

_AVCOL_SPC_SMPTE170M = 6
"""The matrix tag of H.264; PyAV's Colorspace holds the numbers of swscale, where BT.601 is 5."""


class PictureReader:
    """Turns raw frames into yuv420p pictures, BT.601 limited range."""

    def __init__(self, video: VideoFormat) -> None:
        self._video = video
        self._rgb = video.pixel_format is PixelFormat.RGB24
        self._reformatter = VideoReformatter()

    def read(self, data: memoryview) -> VideoFrame:
        """The picture in `data` (video.frame_bytes bytes). I420 is used in place; RGB24 is converted."""
        width, height = self._video.width, self._video.height
        pixels = np.frombuffer(data, np.uint8)
        if not self._rgb:
            return VideoFrame.from_numpy_buffer(pixels.reshape(height * 3 // 2, width), "yuv420p")
        return self._reformatter.reformat(
            VideoFrame.from_numpy_buffer(pixels.reshape(height, width, 3), "rgb24"),
            format="yuv420p",
            interpolation=_SCALER,
            src_color_range=ColorRange.JPEG,
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.MPEG,
        )


class H264Encoder:
    """x264, by default with one thread: sessions share the cores, and the bytes depend on the pictures alone."""

    def __init__(self, video: VideoFormat, crf: int, *, preset: str = X264_PRESET, threads: int = 1) -> None:
        context = av.CodecContext.create("libx264", "w")
        context.width, context.height = video.width, video.height
        context.pix_fmt = "yuv420p"
        context.framerate = Fraction(video.fps)
        context.time_base = Fraction(1, video.fps)
        context.color_primaries = ColorPrimaries.SMPTE170M
        context.color_trc = ColorTrc.SMPTE170M
        context.colorspace = _AVCOL_SPC_SMPTE170M
        context.color_range = ColorRange.MPEG
        context.thread_count = threads
        context.flags |= Flags.global_header | Flags.bitexact
        context.options = {
            "preset": preset,
            "tune": "zerolatency",
            "crf": str(crf),
            "forced-idr": "1",
            # Keyframes come only where a segment begins; NAL units carry lengths, as MP4 stores them.
            "x264-params": "keyint=infinite:scenecut=0:annexb=0",
        }
        context.open()
        self._context = context
        self._count = 0

    @property
    def config(self) -> bytes:
        """AVCDecoderConfigurationRecord."""
        return self._context.extradata or b""

    def encode(self, picture: VideoFrame, *, keyframe: bool) -> bytes:
        """The coded picture, NAL units prefixed by their length; an IDR picture if `keyframe`."""
        picture.pts = self._count
        picture.pict_type = PictureType.I if keyframe else PictureType.NONE
        packets = self._context.encode(picture)
        if len(packets) != 1 or packets[0].is_keyframe != keyframe:
            raise Internal(Reason.INTERNAL, f"x264 held back picture {self._count} or changed its type")
        self._count += 1
        return bytes(packets[0])
