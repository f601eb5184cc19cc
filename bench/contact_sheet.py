"""Draws what the demo film shows: eight phonemes and a blink, from the decoded video, with the measured mouth and eyes.

The phonemes are found by the marks of the same script, the blink by the eyes' openness in every frame. Run after
`make demo`; writes docs/images/contact-sheet.jpg.
"""

import argparse
import asyncio
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from likeness_animator.portrait.analyser import PortraitAnalyser
from likeness_client.demo import TEXT
from likeness_common.media import RENDER_SAMPLE_RATE_HZ, Mark, MarkKind
from likeness_common.stages.speech import Script
from likeness_common.weights import WeightStore, default_root
from likeness_tts.local import LocalSpeech

PHONEMES = {
    "m": "m p b",
    "f": "f v",
    "ah": "ɑː ʌ a æ aʊ aɪ",
    "eh": "ɛ e eɪ",
    "oh": "oʊ ɔː ɔ",
    "oo": "uː ʊ w",
    "ee": "iː ɪ i",
    "s": "s z ʃ tʃ",
}
BLINK_FRAMES = (-4, -2, -1, 0, 1, 2, 4, 6)
TILE = 280

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Measured:
    """A frame, its face box, and what the landmarks say: openings over widths."""

    image: Image
    face: tuple[int, int, int, int]
    mouth: float
    eyes: float


def frames_of(path: Path) -> list[Measured]:
    """Decode a film and find the face in every frame."""
    find = PortraitAnalyser(WeightStore(default_root())).load()
    with av.open(str(path)) as container:
        images = [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]
    return [_measure(image, find(image)[0].points[:, :2]) for image in images]


def _measure(image: Image, points: NDArray[np.floating]) -> Measured:
    def ratio(top: int, bottom: int, left: int, right: int) -> float:
        return float(np.linalg.norm(points[top] - points[bottom]) / np.linalg.norm(points[left] - points[right]))

    x, y, width, height = cv2.boundingRect(points.astype(np.float32))
    eyes = (ratio(159, 145, 33, 133) + ratio(386, 374, 362, 263)) / 2
    return Measured(image, (x, y, width, height), ratio(13, 14, 61, 291), eyes)


async def phoneme_marks() -> list[Mark]:
    """Return the phonemes of the demo's script."""
    events = [event async for event in LocalSpeech().synthesize(Script(TEXT))]
    return [event for event in events if isinstance(event, Mark) and event.kind is MarkKind.PHONEME]


def frame_of(marks: list[Mark], symbols: str, fps: int) -> int:
    """Return the frame in the middle of the longest of the phonemes named."""
    wanted = [mark for mark in marks if mark.value in symbols.split()]
    longest = max(wanted, key=lambda mark: mark.end_sample - mark.start_sample)
    return (longest.start_sample + longest.end_sample) * fps // (2 * RENDER_SAMPLE_RATE_HZ)


def tile(frame: Measured, label: str) -> Image:
    """Cut the head out and write on it."""
    x, y, width, height = frame.face
    side = round(1.5 * max(width, height))
    left, top = x + width // 2 - side // 2, y + height // 2 - side // 2
    cut = cv2.resize(frame.image[max(0, top) : top + side, max(0, left) : left + side], (TILE, TILE))
    for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(cut, label, (8, TILE - 10), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thickness, cv2.LINE_AA)
    return np.asarray(cut, np.uint8)


def main() -> None:
    """Draw the sheet."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--film", type=Path, default=Path("out/demo.mp4"))
    arguments.add_argument("--output", type=Path, default=Path("docs/images/contact-sheet.jpg"))
    options = arguments.parse_args()
    frames = frames_of(options.film)
    marks = asyncio.run(phoneme_marks())
    chosen = {label: frame_of(marks, symbols, fps=25) for label, symbols in PHONEMES.items()}
    blink = int(np.argmin([frame.eyes for frame in frames]))
    speaking = [tile(frames[at], f"{label}  gap {frames[at].mouth:.2f}") for label, at in chosen.items()]
    around = [min(max(blink + step, 0), len(frames) - 1) for step in BLINK_FRAMES]
    blinking = [tile(frames[at], f"frame {at}  eye {frames[at].eyes:.2f}") for at in around]
    sheet = np.vstack([np.hstack(row) for row in (speaking[:4], speaking[4:], blinking[:4], blinking[4:])])
    options.output.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(options.output), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])
    print(f"{options.output}: {', '.join(f'{label} {frames[at].mouth:.2f}' for label, at in chosen.items())}")


if __name__ == "__main__":
    main()
