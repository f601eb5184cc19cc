"""Motion without pictures: tracks with the small networks, driven as sessions drive them."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.sadtalker.model import Model
from likeness_animator.engines.sadtalker.options import Options
from likeness_animator.engines.sadtalker.source import Preparation
from likeness_animator.engines.sadtalker.track import NO_GUIDE, CoefficientTrack, Guide, Moment
from likeness_common.media import AudioChunk
from tests.fakes.sadtalker import small_graphs
from tests.parity.sadtalker.golden import SMALL_SIDE

Floats = NDArray[np.float32]

FPS = 25
OPTIONS = Options(SMALL_SIDE, Preparation.CROP)
SOURCE = np.random.default_rng(5).normal(scale=0.3, size=70).astype(np.float32)


def speech(seconds: float, rate: int = 24_000, seed: int = 7) -> bytes:
    """Noise in syllables of 200 ms."""
    samples = np.arange(round(seconds * rate))
    envelope = np.sin(np.pi * samples / (0.2 * rate)) ** 2
    noise = np.random.default_rng(seed).standard_normal(len(samples))
    return bytes((4000 * envelope * noise).astype("<i2"))


def track(options: Options = OPTIONS, seed: int = 3, rate: int = 24_000, guide: Guide = NO_GUIDE) -> CoefficientTrack:
    return CoefficientTrack(Model(small_graphs()), SOURCE, options, seed, rate, guide)


def chunks(pcm: bytes, sizes: Iterable[int], start: int = 0) -> Iterator[AudioChunk]:
    """The speech from sample `start` on in chunks of the sizes, and what is left in one."""
    position, total = start, len(pcm) // 2
    for sequence, size in enumerate([*sizes, total]):
        end = min(total, position + size)
        yield AudioChunk(sequence, position, pcm[2 * position : 2 * end])
        position = end


def windows(
    moving: CoefficientTrack,
    pcm: bytes,
    sizes: Iterable[int] = (),
    first: int = 0,
    start: int = 0,
    fps: int = FPS,
    rate: int = 24_000,
    drawn: Callable[[int], None] = lambda frame: None,
) -> list[Floats]:
    """Coefficients around every frame from `first` on, each taken as soon as it is ready."""
    found: list[Floats] = []

    def take(end: int) -> None:
        while first + len(found) < end and moving.ready(moment := Moment.of(first + len(found), fps)):
            found.append(moving.window(moment))
            moving.forget(moment)
            drawn(first + len(found))

    for chunk in chunks(pcm, sizes, start):
        moving.add(chunk)
        take(1 << 40)
    moving.end()
    take(max(1, -(-moving.received * fps // rate)))
    return found
