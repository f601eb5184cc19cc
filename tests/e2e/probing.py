"""What ffprobe, which shares no code with us, says of a file."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Stream:
    """One stream of a file; times in seconds."""

    codec: str
    facts: dict[str, Any]
    pts: list[float]
    ends: list[float]

    @property
    def start(self) -> float:
        """When the first packet shows."""
        return min(self.pts)

    @property
    def end(self) -> float:
        """When the last packet ends."""
        return max(self.ends)


def probe(path: Path) -> dict[str, Stream]:
    """Return the video and audio streams of a file; fail when ffprobe complains."""
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_packets", "-of", "json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    streams = {}
    for stream in found["streams"]:
        packets = [packet for packet in found["packets"] if packet["stream_index"] == stream["index"]]
        pts = [float(packet["pts_time"]) for packet in packets]
        ends = [start + float(packet.get("duration_time", 0)) for start, packet in zip(pts, packets, strict=True)]
        streams[stream["codec_type"]] = Stream(stream["codec_name"], stream, pts, ends)
    return streams


def decode_errors(path: Path) -> str:
    """Decode every frame and sample; return what ffmpeg complains about."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300).stderr
