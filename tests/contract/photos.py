"""Photos that pass the analysis and those that do not, all made from scikit-image's astronaut."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

Photo = NDArray[np.uint8]

FACE = (slice(40, 220), slice(140, 310))
"""Rows and columns around the face, which is 94 pixels wide."""


def file_of(photo: Photo) -> bytes:
    ok, png = cv2.imencode(".png", cv2.cvtColor(photo, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    assert ok
    return bytes(png)


def photos() -> Mapping[str, bytes]:
    """Each has one face that can speak; `plain` comes first, `wide` is a landscape."""
    plain = np.asarray(data.astronaut(), np.uint8)
    pictures = {
        "plain": plain,
        "wide": _framed(plain[:256], 512, 288),
        "tiny face": _scaled(plain, 38 / 94),
        "huge": _scaled(plain, 4),
        "dark": np.asarray(plain * 0.15, np.uint8),
        "black and white": np.repeat(plain[:, :, 1:2], 3, axis=2),
        "at the border": plain[52:, 160:],
        "tilted": _tilted(plain, 30),
        "turned": _scaled(plain, 0.72, 1),
    }
    return {name: file_of(picture) for name, picture in pictures.items()}


def refused_photos() -> Mapping[str, bytes]:
    """By the reason for which the analysis refuses them."""
    plain = np.asarray(data.astronaut(), np.uint8)
    faceless = plain.copy()
    faceless[FACE] = 90
    return {
        "FACE_NOT_FOUND": file_of(faceless),
        "FACE_TOO_SMALL": file_of(_scaled(plain, 26 / 94)),
        "FACE_TURNED_AWAY": file_of(_tilted(plain, 75)),
    }


def two_faces() -> bytes:
    plain = np.asarray(data.astronaut(), np.uint8)
    other = _scaled(plain, 0.75)
    return file_of(np.hstack([plain, _framed(other, other.shape[1], 512)]))


def _scaled(photo: Photo, across: float, down: float | None = None) -> Photo:
    way = cv2.INTER_AREA if across < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, None, fx=across, fy=down or across, interpolation=way), np.uint8)


def _tilted(photo: Photo, degrees: float) -> Photo:
    matrix = cv2.getRotationMatrix2D((224, 123), degrees, 1)
    return np.asarray(cv2.warpAffine(photo, matrix, photo.shape[1::-1], borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _framed(photo: Photo, width: int, height: int) -> Photo:
    """The photo with a plain border to the right and below."""
    below, right = height - photo.shape[0], width - photo.shape[1]
    return np.asarray(cv2.copyMakeBorder(photo, 0, below, 0, right, cv2.BORDER_REPLICATE), np.uint8)
