"""A long script through four processes: memory of each, and sound against picture at the end."""

import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from bench import report, servers
from tests.e2e.probing import probe
from tests.e2e.stack import SERVICES, Stack

WORDS_PER_MINUTE = 205
SAMPLE_EVERY_S = 2.0


class MemorySampler(threading.Thread):
    """Samples the memory of every service until stopped."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(daemon=True)
        self._stack = stack
        self._stopped = threading.Event()
        self.samples: list[tuple[float, dict[str, float]]] = []

    def run(self) -> None:
        """Sample."""
        started = time.monotonic()
        while not self._stopped.wait(SAMPLE_EVERY_S):
            self.samples.append((time.monotonic() - started, servers.rss_mb(self._stack)))

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self.join()


def growth(samples: list[tuple[float, dict[str, float]]], after_s: float) -> dict[str, dict[str, float]]:
    """Return memory at `after_s`, the peak after it, and the difference, for each service."""
    late = [rss for at, rss in samples if at >= after_s]
    return {
        name: {
            "then_mb": late[0][name],
            "peak_mb": max(rss[name] for rss in late),
            "growth_mb": max(rss[name] for rss in late) - late[0][name],
        }
        for name in SERVICES
    }


def soak(minutes: float) -> dict[str, Any]:
    """Render a script of about `minutes` minutes."""
    with servers.running() as (stack, renders, portrait_id), tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "long.mp4"
        sampler = MemorySampler(stack)
        sampler.start()
        started = time.perf_counter()
        with path.open("wb") as file:
            for response in renders.RenderVideo(servers.request(int(minutes * WORDS_PER_MINUTE), portrait_id)):
                file.write(response.segment.data)
        elapsed = time.perf_counter() - started
        sampler.stop()
        video_s = response.receipt.video_duration.ToMilliseconds() / 1e3
        streams = probe(path)
    return {
        "video_s": video_s,
        "render_s": elapsed,
        "memory": growth(sampler.samples, min(60.0, elapsed / 4)),
        "end_offset_ms": (streams["video"].end - streams["audio"].end) * 1e3,
        "frames_against_clock_ms": (streams["video"].end - streams["video"].start - video_s) * 1e3,
    }


def main() -> None:
    """Run and print."""
    arguments = report.parser(__doc__ or "")
    arguments.add_argument("--minutes", type=float, default=15.0, help="length of the script (default 15)")
    options = arguments.parse_args()
    result = soak(options.minutes)
    if options.json:
        report.emit_json(result)
        return
    print(f"{result['video_s']:.0f} s of video in {result['render_s']:.0f} s")
    report.table(
        "Resident memory in MB",
        ("service", "after the first minute", "peak after it", "growth"),
        [(name, row["then_mb"], row["peak_mb"], row["growth_mb"]) for name, row in result["memory"].items()],
    )
    print(f"  picture ends {result['end_offset_ms']:+.1f} ms after the sound")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"ffprobe refused the file: {error.stderr}")
