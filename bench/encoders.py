"""Compares ways to encode a talking head: x264 in this process (PyAV) and in an ffmpeg process behind a pipe.

    python bench/encoders.py [--frames 75] [--repeat 3] [--json encoders.json]

Prints what a frame costs, what it looks like at one crf, and how long the first media fragment takes when frames come
at 25 fps. Every figure is the median of `--repeat` runs; compare ratios, not runs on different machines.
"""

import argparse
import io
import json
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path
from statistics import mean, median
from typing import Any

import av
import cv2
import ffmpeg
import imageio_ffmpeg
import numpy as np
import skimage.data
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from skimage.metrics import structural_similarity

from likeness_common.media import SegmentKind, VideoFormat
from likeness_common.stages.compositor import OutputSpec
from likeness_compositor.encoders import X264_PRESET, H264Encoder, PictureReader
from likeness_compositor.live import LiveWriter
from likeness_compositor.spec import segment_spans

SIDE, FPS, CRF = 512, 25, 23
MOST_FRAMES = 1500
VIDEO = VideoFormat(SIDE, SIDE, FPS)
PRESETS = ("ultrafast", "superfast", "veryfast")
PRODUCT = "PyAV"
MOVFLAGS = "empty_moov+default_base_moof+frag_"

Decoded = list[NDArray[np.uint8]]
Decode = Callable[[], Decoded]
Encode = Callable[[Sequence[bytes], str, int, int], tuple[int, Decode]]
"""Takes frames, preset, threads and crf; returns the size in bytes and a function that decodes the luma planes."""


@dataclass(frozen=True)
class Cost:
    """One way to encode: processor time and speed, and what came out."""

    body: str
    preset: str
    threads: int
    crf: int
    cpu_ms: float
    cpu_ratio: float
    fps: float
    kbps: float
    psnr: float
    ssim: float


@dataclass(frozen=True)
class Delay:
    """The first media fragment at a 25 fps feed: when it came, its frames, and how long after the last of them."""

    body: str
    first_fragment_ms: float
    frames: int
    after_last_frame_ms: float


def talking_head(count: int) -> list[bytes]:
    """I420 frames of the astronaut's face, swaying and moving its mouth before a still background."""
    whole = skimage.data.astronaut()
    photo = cv2.resize(whole[:280, 90:370], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    centre_x, centre_y, lips_y = SIDE * 0.49, SIDE * 0.42, SIDE * 0.555
    head = np.exp(-(((x - centre_x) / (SIDE * 0.3)) ** 4) - ((y - centre_y) / (SIDE * 0.36)) ** 4)
    mouth = np.exp(-(((x - centre_x) / (SIDE * 0.09)) ** 2) - ((y - lips_y) / (SIDE * 0.06)) ** 2)
    opening = 14 * mouth * np.sign(y - lips_y) * np.minimum(1, np.abs(y - lips_y) / 12)
    frames = []
    for t in np.arange(count) / FPS:
        turn = 0.02 * np.sin(1.1 * t)
        shift_x = head * (3 * np.sin(1.3 * t) + 1.2 * np.sin(2.9 * t + 1) + turn * (y - centre_y))
        shift_y = head * (2 * np.sin(1.7 * t) - turn * (x - centre_x)) + opening * max(0, np.sin(9 * t))
        frame = cv2.remap(photo, (x - shift_x).astype("f4"), (y - shift_y).astype("f4"), cv2.INTER_LINEAR)
        frames.append(cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())
    return frames


def segment_starts(count: int) -> list[int]:
    """Frames on which the product begins a segment."""
    starts = []
    for first, end in segment_spans(FPS, OutputSpec(VIDEO).segment_ms):
        starts.append(first)
        if end >= count:
            break
    return starts


def luma(picture: av.VideoFrame) -> NDArray[np.uint8]:
    """The brightness plane, SIDE x SIDE."""
    return np.asarray(picture.to_ndarray()[:SIDE], np.uint8)


def encode_in_process(frames: Sequence[bytes], preset: str, threads: int, crf: int) -> tuple[int, Decode]:
    """Encode with the product's own encoder."""
    starts = segment_starts(len(frames))
    reader, encoder = PictureReader(VIDEO), H264Encoder(VIDEO, crf, preset=preset, threads=threads)
    packets = [encoder.encode(reader.read(memoryview(f)), keyframe=i in starts) for i, f in enumerate(frames)]

    def decode() -> Decoded:
        decoder = av.CodecContext.create("h264", "r")
        decoder.extradata = encoder.config
        coded: list[av.Packet[Any] | None] = [*map(av.Packet, packets), None]
        return [luma(picture) for packet in coded for picture in decoder.decode(packet)]

    return sum(map(len, packets)), decode


def encode_in_pipe(frames: Sequence[bytes], preset: str, threads: int, crf: int) -> tuple[int, Decode]:
    """Encode in an ffmpeg process."""
    film = subprocess.run(
        pipe_command(preset, threads, crf, "keyframe"),
        input=b"".join(frames),
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    return len(film), lambda: [luma(picture) for picture in av.open(io.BytesIO(film), "r").decode(video=0)]


def pipe_command(preset: str, threads: int, crf: int, fragment: str) -> list[str]:
    """An ffmpeg that reads I420 and writes fragmented MP4, with the product's encoder settings."""
    source = ffmpeg.input("pipe:0", format="rawvideo", pix_fmt="yuv420p", s=f"{SIDE}x{SIDE}", r=FPS)
    options = {
        "vcodec": "libx264",
        "preset": preset,
        "tune": "zerolatency",
        "crf": crf,
        "threads": threads,
        "force_key_frames": ",".join(str(start / FPS) for start in segment_starts(MOST_FRAMES)),
        "forced-idr": 1,
        "x264-params": "keyint=infinite:scenecut=0",
        "movflags": MOVFLAGS + fragment,
        "flush_packets": 1,
    }
    graph = ffmpeg.output(source, "pipe:1", format="mp4", **options).global_args("-loglevel", "error")
    command: list[str] = ffmpeg.compile(graph, cmd=imageio_ffmpeg.get_ffmpeg_exe())
    return command


BODIES: dict[str, Encode] = {PRODUCT: encode_in_process, "ffmpeg pipe": encode_in_pipe}


def processor_seconds() -> float:
    """Processor time of this process and of the children it has waited for."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def cost(body: str, preset: str, threads: int, crf: int, frames: Sequence[bytes], repeat: int) -> Cost:
    """Measure one way to encode. The ratio is filled in when all are known."""
    runs = []
    for _ in range(repeat):
        cpu, wall = processor_seconds(), time.perf_counter()
        size, decode = BODIES[body](frames, preset, threads, crf)
        runs.append((processor_seconds() - cpu, time.perf_counter() - wall))
    shown = decode()
    assert len(shown) == len(frames)
    originals = [np.frombuffer(frame, np.uint8, SIDE * SIDE).reshape(SIDE, SIDE) for frame in frames]
    pairs = list(zip(originals, shown, strict=True))[::5]
    return Cost(
        body,
        preset,
        threads,
        crf,
        cpu_ms=median(cpu for cpu, _ in runs) / len(frames) * 1e3,
        cpu_ratio=1.0,
        fps=len(frames) / median(wall for _, wall in runs),
        kbps=size * 8 * FPS / len(frames) / 1e3,
        psnr=mean(cv2.PSNR(a, b) for a, b in pairs),
        ssim=mean(similarity(a, b) for a, b in pairs),
    )


def similarity(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """SSIM."""
    return float(structural_similarity(a, b))


def costs(frames: Sequence[bytes], repeat: int) -> list[Cost]:
    """All ways at one crf, then two at about the same quality; the ratio is to the product's own."""
    product = (PRODUCT, X264_PRESET, 1, CRF)
    ways = [(body, preset, threads, CRF) for preset in PRESETS for threads in (1, 2) for body in BODIES]
    ways += [(PRODUCT, "ultrafast", 1, CRF + 2), (PRODUCT, "superfast", 1, CRF + 2)]
    rows = {way: cost(*way, frames, repeat) for way in ways}
    return [replace(row, cpu_ratio=row.cpu_ms / rows[product].cpu_ms) for row in rows.values()]


class Sink:
    """Collects output and notes when the first `moof` with its `mdat` is complete. Also a file for libavformat."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.done_at = 0.0
        self.frames = 0

    def write(self, data: bytes) -> int:
        """Take more output."""
        self.data += data
        moof = self.data.find(b"moof") - 4
        if not self.done_at and moof >= 0:
            mdat = moof + int.from_bytes(self.data[moof : moof + 4])
            end = mdat + int.from_bytes(self.data[mdat : mdat + 4])
            if end - mdat > 8 and len(self.data) >= end:
                self.done_at = time.perf_counter()
                run = self.data.index(b"trun", moof)
                self.frames = int.from_bytes(self.data[run + 8 : run + 12])
        return len(data)


@contextmanager
def feed_live(sink: Sink) -> Iterator[Callable[[bytes], None]]:
    """The product, sound included."""
    writer = LiveWriter(OutputSpec(VIDEO))
    writer.start()
    writer.add_audio(bytes(2 * 24_000))

    def push(frame: bytes) -> None:
        for segment in writer.add_frame(memoryview(frame)):
            assert segment.kind is SegmentKind.MEDIA
            sink.write(segment.data)

    yield push


@contextmanager
def feed_libavformat(sink: Sink, fragment: str) -> Iterator[Callable[[bytes], None]]:
    """PyAV with libavformat's muxer, no sound."""
    reader, starts = PictureReader(VIDEO), segment_starts(MOST_FRAMES)
    container = av.open(sink, "w", format="mp4", options={"movflags": MOVFLAGS + fragment, "flush_packets": "1"})
    stream = container.add_stream("libx264", rate=FPS)
    stream.width = stream.height = SIDE
    stream.options = {"preset": X264_PRESET, "tune": "zerolatency", "crf": str(CRF), "forced-idr": "1"}
    count = 0

    def push(frame: bytes) -> None:
        nonlocal count
        picture = reader.read(memoryview(frame))
        picture.pts, picture.pict_type = count, 1 if count in starts else 0
        count += 1
        container.mux(stream.encode(picture))

    yield push
    container.close()


@contextmanager
def feed_pipe(sink: Sink, fragment: str) -> Iterator[Callable[[bytes], None]]:
    """An ffmpeg process, no sound."""
    command = pipe_command(X264_PRESET, 1, CRF, fragment)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        source, output = process.stdin, process.stdout
        assert source
        assert output

        def collect() -> None:
            while data := output.read(65_536):
                sink.write(data)

        def push(frame: bytes) -> None:
            left = memoryview(frame)
            while left:
                left = left[source.write(left) :]

        reader = threading.Thread(target=collect)
        reader.start()
        time.sleep(0.3)  # a warm process: its start is not what is compared
        yield push
        source.close()
        reader.join()


def delay(body: str, feed: Callable[[Sink], Any], frames: Sequence[bytes], repeat: int) -> Delay:
    """Feed frames at 25 fps until the first fragment is out."""
    waits, held = [], 0
    for _ in range(repeat):
        sink = Sink()
        with feed(sink) as push:
            start = time.perf_counter()
            for i, frame in enumerate(frames):
                time.sleep(max(0.0, start + i / FPS - time.perf_counter()))
                if sink.done_at:
                    break
                push(frame)
        waits.append((sink.done_at - start) * 1e3)
        held = sink.frames
    return Delay(body, median(waits), held, median(waits) - (held - 1) * 1e3 / FPS)


def delays(frames: Sequence[bytes], repeat: int) -> list[Delay]:
    """All ways; segments begin where the product's do."""
    bodies: dict[str, Callable[[Sink], Any]] = {
        "PyAV, own fragments (the product)": feed_live,
        "PyAV, libavformat, frag_keyframe": lambda sink: feed_libavformat(sink, "keyframe"),
        "PyAV, libavformat, frag_every_frame": lambda sink: feed_libavformat(sink, "every_frame"),
        "ffmpeg pipe, frag_keyframe": lambda sink: feed_pipe(sink, "keyframe"),
        "ffmpeg pipe, frag_every_frame": lambda sink: feed_pipe(sink, "every_frame"),
    }
    return [delay(body, feed, frames, repeat) for body, feed in bodies.items()]


def show(title: str, rows: Sequence[Cost] | Sequence[Delay]) -> None:
    """Print rows as a table."""
    table = Table(*asdict(rows[0]), title=title)
    for row in rows:
        table.add_row(*(f"{value:.4g}" if isinstance(value, float) else str(value) for value in astuple(row)))
    Console(width=120).print(table)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Compare encoders.")
    parser.add_argument("--frames", type=int, default=75)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    frames = talking_head(min(MOST_FRAMES, max(50, arguments.frames)))
    cost_rows, delay_rows = costs(frames, arguments.repeat), delays(frames, arguments.repeat)
    show(f"{SIDE}x{SIDE}, crf {CRF}, {len(frames)} frames", cost_rows)
    show(f"First media fragment at {FPS} fps", delay_rows)
    if arguments.json:
        rows = {"cost": [asdict(row) for row in cost_rows], "delay": [asdict(row) for row in delay_rows]}
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
