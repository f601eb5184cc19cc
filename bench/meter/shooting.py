"""From an order to all that is measured in its film."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from bench.meter import closure, decoded, life, sync
from bench.meter.faces import FaceMeter, Image, Points, Track
from bench.meter.film import Order, Speech, Studio
from bench.meter.identity import Identity, Look
from bench.portraits import png
from likeness_common.media import Framing, VideoFormat

LOOK_EVERY = 2
"""Likeness to the photo is judged in every second picture, which saves a quarter of the time."""


@dataclass(frozen=True)
class Shot:
    """A film and what was measured in it. `worst` are pictures least like the photo: photo, film, difference."""

    film: bytes
    speech: Speech
    track: Track
    sync: sync.Sync
    closure: closure.Closure
    life: life.Life
    looks: Sequence[Look]
    worst: Sequence[Image]


class Crew:
    """Films and measures."""

    def __init__(self) -> None:
        self.studio = Studio()
        self.meter = FaceMeter()

    def shoot(
        self, photo: Image, speech: Speech, video: VideoFormat, framing: Framing = Framing.AUTO, *, marks: bool = True
    ) -> Shot:
        """Film `speech`, with or without telling the engine its phonemes, and measure."""
        told = speech if marks else speech.without_phonemes()
        film = self.studio.film(Order(png(photo), told, video, framing))
        return self.measure(film, photo, speech)

    def measure(self, film: bytes, photo: Image, speech: Speech) -> Shot:
        """Measure a film of `photo` that says `speech`."""
        identity = Identity(photo, self.meter.find(photo), self.meter.person)
        track = self.track(film, identity)
        delay = decoded.sound_delay(film, speech.pcm)
        marks = speech.phonemes
        return Shot(
            film,
            speech,
            track,
            sync.measure(track, marks, delay),
            closure.measure(track, marks, delay),
            life.measure(track),
            identity.looks,
            [image for _, image in identity.worst],
        )

    def track(self, film: bytes, identity: Identity | None = None) -> Track:
        """Find the face in every picture; `identity` sees every LOOK_EVERYth of them."""
        times: list[float] = []
        points: list[Points] = []
        for time, picture, found in self.meter.follow(decoded.pictures(film)):
            if identity and len(times) % LOOK_EVERY == 0:
                identity.add(picture, found)
            times.append(time)
            points.append(found)
        return Track(np.array(times), np.stack(points))


def save_worst(shots: Mapping[str, Sequence[Shot]], folder: Path) -> None:
    """Write the pictures of each portrait's films that are least like the photo, as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, taken in shots.items():
        for index, image in enumerate(image for shot in taken for image in shot.worst):
            path = folder / f"{name.replace(' ', '-')}-{index}.png"
            cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
