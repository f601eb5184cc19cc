"""What a frame of the mesh engine costs, part by part, on one core.

    python -m bench.mesh_frame [--frames 150] [--json]

Draws real speech at 512x512 and as a whole photo at 1080p (FULL framing), and prints the median of each part over the
frames. The last column says how many times faster than real time at 25 fps one core draws.
"""

import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from statistics import median
from typing import Any, TypeVar

import cv2

from bench import portraits, report
from bench.meter.voices import SPEECH, said
from likeness_animator.engines.mesh import puppet
from likeness_animator.engines.mesh.engine import MeshEngine
from likeness_animator.portrait import PortraitAnalyser
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import Framing, VideoFormat
from likeness_common.stages.animator import AnimationOptions
from likeness_common.weights import WeightStore, default_root, load

FPS = 25
WARM_UP = 5
PARTS = ("pose", "eyes", "map", "warp", "mouth", "background", "I420")
Result = TypeVar("Result")


class Stopwatch:
    """Collects milliseconds by part; what is measured inside another part counts for both."""

    def __init__(self) -> None:
        self.ms: defaultdict[str, float] = defaultdict(float)

    def timing(self, part: str, work: Callable[..., Result]) -> Callable[..., Result]:
        """`work`, adding what it takes to `part`."""

        @wraps(work)
        def timed(*arguments: Any) -> Result:
            started = time.perf_counter()
            try:
                return work(*arguments)
            finally:
                self.ms[part] += 1e3 * (time.perf_counter() - started)

        return timed

    def attach(self, drawn: puppet.Puppet) -> None:
        """Measure the parts of one puppet."""
        drawn._grid.backward = self.timing("map", drawn._grid.backward)  # type: ignore[method-assign]  # its own
        drawn._mouth.draw = self.timing("mouth", drawn._mouth.draw)  # type: ignore[method-assign]  # its own
        if drawn._backdrop:
            drawn._backdrop.lay_under = self.timing("background", drawn._backdrop.lay_under)  # type: ignore[method-assign]  # its own
        for eye in drawn._eyes:
            eye.draw = self.timing("eyes", eye.draw)  # type: ignore[method-assign]  # its own


def profile(
    watch: Stopwatch, portrait: AnalysedPortrait, video: VideoFormat, framing: Framing, frames: int
) -> dict[str, float]:
    """Median milliseconds of a frame and of its parts, and how long the portrait took to make ready."""
    watch.ms.clear()
    started = time.perf_counter()
    opened = MeshEngine().open(portrait, AnimationOptions(video, framing=framing))
    ready = 1e3 * (time.perf_counter() - started)
    drawn = opened._puppet
    assert drawn is not None
    watch.attach(drawn)
    opened._actor.pose = watch.timing("pose", opened._actor.pose)  # type: ignore[method-assign]  # its own
    rows: list[dict[str, float]] = []
    for event in said(SPEECH).events:
        started = time.perf_counter()
        for batch in opened.push(event):
            total = 1e3 * (time.perf_counter() - started)
            rows.append({part: watch.ms[part] / batch.count for part in PARTS} | {"frame": total / batch.count})
            watch.ms.clear()
            started = time.perf_counter()
        if len(rows) * 5 > frames:
            break
    return {key: median(row[key] for row in rows[WARM_UP:]) for key in ("frame", *PARTS)} | {"portrait": ready}


def main() -> None:
    """Print the table."""
    arguments = report.parser(__doc__ or "")
    arguments.add_argument("--frames", type=int, default=150, help="frames to draw (150)")
    asked = arguments.parse_args()
    cv2.setNumThreads(1)
    store = WeightStore(default_root())
    store.pull(load("face"))
    analyser = PortraitAnalyser(store)
    large = portraits.resized(portraits.hopper(), 1080)
    cases = {
        "512x512": (portraits.astronaut(), VideoFormat(512, 512, FPS), Framing.AUTO),
        "1080p, head": (large, VideoFormat(1920, 1080, FPS), Framing.AUTO),
        "1080p, whole": (large, VideoFormat(1920, 1080, FPS), Framing.FULL),
    }
    watch = Stopwatch()
    for name, part in (("sample", "warp"), ("_to_i420", "I420")):
        setattr(puppet, name, watch.timing(part, getattr(puppet, name)))
    found = {
        name: profile(watch, analyser.analyse(portraits.png(photo)), video, framing, asked.frames)
        for name, (photo, video, framing) in cases.items()
    }
    if asked.json:
        report.emit_json(found)
        return
    rows = [[name, *ms.values(), 1e3 / FPS / ms["frame"]] for name, ms in found.items()]
    report.table("Milliseconds a frame", ["", *next(iter(found.values())), "x real time"], rows)


if __name__ == "__main__":
    main()
