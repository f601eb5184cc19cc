"""Portraits: the analysed photo that will speak."""

import hashlib
from dataclasses import dataclass
from enum import Enum


def portrait_id(image: bytes) -> str:
    """Content address of an image file: lower-case hexadecimal SHA-256 of its bytes."""
    return hashlib.sha256(image).hexdigest()


class Framing(Enum):
    """AUTO shows head and shoulders in the output's aspect ratio; FULL shows the whole picture in its own."""

    AUTO = "auto"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright portrait."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Portrait:
    """What the analysis found. `yaw_degrees` is the head's turn to the subject's left (-90 to 90)."""

    id: str
    width: int
    height: int
    face: Box
    yaw_degrees: float = 0.0
    notices: tuple[str, ...] = ()
