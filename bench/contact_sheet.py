# ruff: noqa: RUF001 - IPA letters look like Latin ones.
"""Draws the pictures of the docs from decoded films: all visemes, a blink, turns of the head, and one frame in 1080p.

One command, `make images`, writes docs/images/{contact-sheet,blink,turns,full-hd}.jpg. Phonemes are found by the marks
of the script; blinks, turns and the figures on the tiles by the landmarks of every picture.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from bench.meter import decoded, life, voices
from bench.meter.faces import FaceMeter, Image, Track
from bench.meter.film import RATE, Order, Studio
from bench.meter.phonemes import plain
from bench.portraits import astronaut, hopper, png
from likeness_common.media import Mark, VideoFormat

TEXT = (
    "Please keep five thin maps. The judge saw a whale and two yellow boats, far above the calm lake. "
    "They ask for good food, then choose a shoe. Should you father the boy? Oh, how very warm!"
)

VISEMES = {
    "rest": ("",),
    "p b m": ("p", "b", "m"),
    "f v": ("f", "v"),
    "th": ("θ", "ð"),
    "t d n": ("t", "d", "n"),
    "l": ("l",),
    "s z": ("s", "z"),
    "sh ch": ("ʃ", "tʃ", "dʒ"),
    "k g": ("k", "ɡ"),
    "r": ("ɹ",),
    "w": ("w",),
    "ah": ("ɑː", "ɑːɹ", "aʊ"),
    "a": ("æ", "a"),
    "eh": ("ɛ", "eɪ"),
    "ee": ("iː", "i"),
    "oo": ("uː", "ʊ"),
}
COLUMNS = 4
BLINK_STEPS = (-5, -4, -3, -1, 0, 1, 2, 4)
TILE = 240
AXES = ("yaw", "pitch", "roll")
WIDEST_FRAME = VideoFormat(1920, 1080)


@dataclass(frozen=True)
class Scene:
    """A film's pictures, the landmarks in them, and the phonemes that are spoken."""

    pictures: Sequence[Image]
    track: Track
    phonemes: Sequence[Mark]


def scene(photo: Image, text: str, video: VideoFormat) -> Scene:
    """Film `photo` saying `text` at the best quality of the encoder, and find the face in every picture."""
    speech = voices.said(text)
    film = Studio().film(Order(png(photo), speech, video, crf=14))
    found = list(FaceMeter().follow(decoded.pictures(film)))
    track = Track(np.array([time for time, _, _ in found]), np.stack([points for _, _, points in found]))
    return Scene([picture for _, picture, _ in found], track, speech.phonemes)


def frame_of(seen: Scene, symbols: Sequence[str]) -> int:
    """The picture in the middle of the longest of the phonemes named."""
    wanted = [mark for mark in seen.phonemes if plain(mark.value) in symbols]
    longest = max(wanted, key=lambda mark: mark.end_sample - mark.start_sample)
    middle = (longest.start_sample + longest.end_sample) / 2 / RATE
    return int(np.argmin(np.abs(seen.track.times - middle)))


def tile(seen: Scene, frame: int, label: str, share: float = 1.5) -> Image:
    """Cut the head out, `share` times the face, and write on it. All tiles of a scene cut the same square."""
    face = seen.track.points[0, :468, :2]
    low, high = face.min(axis=0), face.max(axis=0)
    side = int(share * float((high - low).max()))
    left, top = np.maximum(np.rint((low + high) / 2 - side / 2), 0).astype(int).tolist()
    cut = cv2.resize(seen.pictures[frame][top : top + side, left : left + side], (TILE, TILE))
    cut[-26:] = cut[-26:] // 3
    cv2.putText(cut, label, (8, TILE - 9), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
    return np.asarray(cut, np.uint8)


def visemes(seen: Scene) -> Image:
    """A tile for each viseme, with the gap between the lips over the width of the mouth."""
    gap = seen.track.gap
    chosen = {label: frame_of(seen, symbols) for label, symbols in VISEMES.items()}
    return _sheet([tile(seen, at, f"{label}  gap {gap[at]:.2f}", 1.25) for label, at in chosen.items()], COLUMNS)


def blink(seen: Scene) -> Image:
    """A strip around the first blink, with the eyes' height over their width."""
    eyes = seen.track.eyes
    shut = int(np.argmin(np.abs(seen.track.times - life.blink_times(seen.track)[0])))
    around = [min(max(shut + step, 0), len(eyes) - 1) for step in BLINK_STEPS]
    return _sheet([tile(seen, at, f"frame {at}  eyes {eyes[at]:.2f}", 1.1) for at in around], COLUMNS)


def turns(seen: Scene) -> Image:
    """The furthest turns, nods and tilts of the film, in degrees from their middle."""
    angles = life.rotations(seen.track)
    angles -= np.median(angles, axis=0)
    furthest = [(axis, int(pick(angles[:, axis]))) for axis in range(3) for pick in (np.argmin, np.argmax)]
    tiles = [tile(seen, at, f"{AXES[axis]} {angles[at, axis]:+.1f} degrees", 1.8) for axis, at in furthest]
    return _sheet(tiles, 3)


def full_hd(photo: Image) -> Image:
    """The widest vowel of a short film in 1920x1080."""
    seen = scene(photo, "Oh, what a large harbour!", WIDEST_FRAME)
    return seen.pictures[int(np.argmax(seen.track.gap))]


def _sheet(tiles: Sequence[Image], columns: int) -> Image:
    rows = [np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)]
    return np.asarray(np.vstack(rows), np.uint8)


def main() -> None:
    """Draw all of them."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--folder", type=Path, default=Path("docs/images"))
    folder: Path = arguments.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    seen = scene(astronaut(), TEXT, VideoFormat(640, 640))
    drawn = {"contact-sheet": visemes(seen), "blink": blink(seen), "turns": turns(seen), "full-hd": full_hd(hopper())}
    for name, image in drawn.items():
        path = folder / f"{name}.jpg"
        cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 85])
        print(f"{path}: {image.shape[1]}x{image.shape[0]}, {path.stat().st_size >> 10} KiB")


if __name__ == "__main__":
    main()
