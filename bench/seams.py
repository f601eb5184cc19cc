"""Compares ways to lay a drawn head into the photo that it was cut from.

    python -m bench.seams [--frames 24]

The drawing is simulated: the photo's own square, its head tilting by 4 degrees and the shoulders by a quarter of that,
slightly blurred, tinted by up to 8 levels, with soft noise of its own. Prints for every way

* tint: levels by which the face's mean still differs from an untinted drawing;
* flicker: levels by which that difference changes from frame to frame, the noise of the drawing included;
* border: levels by which the two outermost rows and columns of the square differ from the photo;
* ms: processor time per frame of 512x512 (compare ratios).
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench import portraits
from likeness_animator import framing
from likeness_animator.engines.sadtalker.paste import Canvas
from likeness_animator.engines.sadtalker.source import Preparation, Source, prepare
from likeness_animator.portrait import AnalysedPortrait, PortraitAnalyser
from likeness_common.media import Framing, PixelFormat, VideoFormat
from likeness_common.weights import WeightStore, default_root

SIZE = 256
VIDEO = VideoFormat(512, 512)
CORE = slice(SIZE // 4, 3 * SIZE // 4)
"""Rows and columns of the square that always show the face."""

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Paste = Callable[[Pixels], Pixels]
"""From a drawn square to a frame (512, 512, 3)."""


@dataclass(frozen=True)
class Scene:
    """A portrait, its square, and where that lies in the frame."""

    portrait: AnalysedPortrait
    source: Source
    photo: Pixels
    to_frame: NDArray[np.float64]

    @classmethod
    def of(cls, portrait: AnalysedPortrait) -> "Scene":
        """Head and shoulders of a portrait."""
        source, crop = prepare(portrait, SIZE, Preparation.CROP), framing.crop_for(portrait, VIDEO, Framing.AUTO)
        outer, inner = framing.matrix(crop, VIDEO), source.to_portrait
        to_frame = np.column_stack([outer[:, :2] @ inner[:, :2], outer[:, :2] @ inner[:, 2] + outer[:, 2]])
        return cls(portrait, source, framing.photograph(portrait, crop, VIDEO), to_frame)

    def placed(self, square: Pixels, fill: Pixels | None = None) -> Pixels:
        """The square in the frame, over `fill`."""
        whole = np.zeros_like(self.photo) if fill is None else fill.copy()
        flags = cv2.INTER_CUBIC
        return np.asarray(
            cv2.warpAffine(square, self.to_frame, (512, 512), whole, flags, cv2.BORDER_TRANSPARENT), np.uint8
        )

    def to_square(self, frame: Pixels) -> Floats:
        """What of a frame lies in the square."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(frame, self.to_frame, (SIZE, SIZE), None, flags), np.float32)


def drawing(photo: Pixels, frame: int, tint: float = 1.0) -> Pixels:
    """The square as a network might draw it in this frame; it does not move in frame 0."""
    down, across = np.mgrid[:SIZE, :SIZE].astype(np.float32)
    x, y = across - SIZE / 2, down - 0.95 * SIZE
    follows = 0.25 + 0.75 * np.exp(-((x / SIZE / 0.38) ** 4) - ((down / SIZE - 0.45) / 0.6) ** 4)
    angle = np.radians(4 * np.sin(frame / 5)) * follows
    maps = (across - angle * y).astype(np.float32), (down + angle * x).astype(np.float32)
    moved = cv2.remap(photo, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    soft = np.asarray(cv2.GaussianBlur(moved, (0, 0), 0.6), np.float32)
    side = 4 * x[..., np.newaxis] / SIZE
    noise = np.random.default_rng(frame).normal(0, 6, (SIZE, SIZE, 3))
    wrong = -0.03 * soft + np.array([5, -3, 3]) + side + cv2.GaussianBlur(noise, (0, 0), 3)
    return np.asarray(np.rint(np.clip(soft + tint * wrong, 0, 255)), np.uint8)


def ways(scene: Scene) -> dict[str, Paste]:
    """Name and function of every way."""
    covered = scene.placed(np.full((SIZE, SIZE, 3), 255, np.uint8))[..., 0]
    x, y, width, height = cv2.boundingRect(covered)
    window, centre = (slice(y, y + height), slice(x, x + width)), (x + width // 2, y + height // 2)

    def seamless(square: Pixels) -> Pixels:
        part = np.ascontiguousarray(scene.placed(square, scene.photo)[window])
        mask = np.full(part.shape[:2], 255, np.uint8)
        return np.asarray(cv2.seamlessClone(part, scene.photo, mask, centre, cv2.NORMAL_CLONE), np.uint8)

    def canvas(rest: Pixels | None) -> Paste:
        made = Canvas(scene.portrait, scene.source, VIDEO, Framing.AUTO, rest)
        return lambda square: np.frombuffer(made.frame(square, PixelFormat.RGB24), np.uint8).reshape(512, 512, 3)

    return {
        "pasted as it is": lambda square: scene.placed(square, scene.photo),
        "seamlessClone": seamless,
        "feathered": canvas(None),
        "feathered, tint of rest": canvas(drawing(scene.source.photo, 0)),
    }


def measure(scene: Scene, paste: Paste, frames: int) -> tuple[float, float, float, float]:
    """Tint, flicker, border and milliseconds."""
    reference = Canvas(scene.portrait, scene.source, VIDEO, Framing.AUTO)
    tints, steps, spent = [], [], []
    ring = np.ones((SIZE, SIZE), bool)
    ring[2:-2, 2:-2] = False
    for frame in range(1, frames + 1):
        square = drawing(scene.source.photo, frame)
        started = time.thread_time()
        made = paste(square)
        spent.append(1e3 * (time.thread_time() - started))
        data = reference.frame(drawing(scene.source.photo, frame, 0.0), PixelFormat.RGB24)
        true = np.frombuffer(data, np.uint8).reshape(512, 512, 3)
        tints.append((scene.to_square(made) - scene.to_square(true))[CORE, CORE].mean(axis=(0, 1)))
        steps.append(np.abs(scene.to_square(made) - scene.to_square(scene.photo))[ring].mean())
    flicker = np.abs(np.diff(tints, axis=0)).mean()
    return float(np.abs(tints).mean()), float(flicker), float(np.mean(steps)), float(np.median(spent))


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--frames", type=int, default=24)
    frames = parser.parse_args().frames
    analyser = PortraitAnalyser(WeightStore(default_root()))
    table = Table("portrait", "way", "tint", "flicker", "border", "ms")
    for name, image in (("astronaut", portraits.astronaut()), ("hopper", portraits.hopper())):
        scene = Scene.of(analyser.analyse(portraits.png(image)))
        for way, paste in ways(scene).items():
            figures = measure(scene, paste, frames)
            table.add_row(name, way, *(f"{value:.2f}" for value in figures))
    Console().print(table)


if __name__ == "__main__":
    main()
