"""Faces of nobody, painted from numbers: one smoothly shaded from a height field, one in flat colours with outlines."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Field = NDArray[np.float64]
Colour = tuple[int, int, int]

SIDE = 768
OVERSAMPLING = 2


@dataclass(frozen=True)
class Person:
    """Colours in RGB; lengths in face half-widths. `outline` draws contours instead of light and shade."""

    skin: Colour
    hair: Colour
    lips: Colour
    iris: Colour
    shirt: Colour
    background: tuple[Colour, Colour]
    length: float = 1.36
    eye_spacing: float = 0.42
    eye_width: float = 0.2
    brow_weight: float = 0.05
    mouth_width: float = 0.34
    lip_height: float = 0.1
    long_hair: bool = False
    outline: bool = False


SHADED = Person(
    skin=(226, 178, 150),
    hair=(70, 42, 28),
    lips=(178, 84, 84),
    iris=(74, 104, 84),
    shirt=(60, 84, 122),
    background=((176, 186, 190), (116, 128, 138)),
    long_hair=True,
)
DRAWN = Person(
    skin=(140, 90, 62),
    hair=(28, 22, 24),
    lips=(112, 54, 50),
    iris=(52, 32, 22),
    shirt=(196, 172, 84),
    background=((228, 206, 168), (206, 150, 120)),
    length=1.28,
    eye_spacing=0.46,
    eye_width=0.18,
    brow_weight=0.085,
    mouth_width=0.4,
    lip_height=0.13,
    outline=True,
)


def paint(person: Person, side: int = SIDE) -> Image:
    """A portrait of head and shoulders, (side, side, 3) RGB."""
    large = _Canvas(person, side * OVERSAMPLING).paint()
    return np.asarray(cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


class _Canvas:
    """Paints from back to front, in a frame whose origin lies between the eyes, one face half-width to the unit."""

    def __init__(self, person: Person, side: int) -> None:
        self._person = person
        self._side = side
        self._unit = self._side * 0.2
        rows, columns = np.mgrid[0 : self._side, 0 : self._side].astype(np.float64)
        self._x = (columns - self._side / 2) / self._unit
        self._y = (rows - self._side * 0.42) / self._unit
        self._picture = np.zeros((self._side, self._side, 3))

    def paint(self) -> Image:
        self._paint_background()
        self._paint_body()
        self._paint_head()
        for side in (-1.0, 1.0):
            self._paint_eye(side)
        self._paint_mouth()
        self._paint_hair()
        return np.asarray(np.clip(self._picture, 0, 255), np.uint8)

    def _fill(self, inside: Field, colour: Colour | Field, softness: float = 0.012) -> None:
        """Cover where the signed field is positive; `softness` is the width of the edge."""
        cover = np.clip(inside / softness + 0.5, 0, 1)[..., np.newaxis]
        self._picture += cover * (np.asarray(colour, np.float64) - self._picture)

    def _ellipse(self, x: float, y: float, width: float, height: float) -> Field:
        """Positive inside; the value is about the distance to the edge."""
        away = np.hypot((self._x - x) / width, (self._y - y) / height)
        return np.asarray((1 - away) * min(width, height))

    def _contour(self, inside: Field, weight: float = 0.018) -> None:
        if self._person.outline:
            self._fill(weight - np.abs(inside), (30, 22, 24))

    def _paint_background(self) -> None:
        top, bottom = (np.array(colour, np.float64) for colour in self._person.background)
        share = np.clip((self._y + 2.1) / 5, 0, 1)[..., np.newaxis]
        stripes = 1 + 0.05 * np.sin(5 * self._x + 2 * self._y)[..., np.newaxis]
        self._picture[:] = (top + share * (bottom - top)) * stripes

    def _paint_body(self) -> None:
        if self._person.long_hair:
            self._fill(self._ellipse(0, 0.35, 1.28, 1.75), self._person.hair)
        shoulders = self._ellipse(0, 3.1, 2.1, 1.35)
        neck = np.minimum(0.48 - np.abs(self._x), np.minimum(self._y - 0.6, 2.1 - self._y))
        shade = self._shade(1.0 - 0.35 * self._x**2 - 0.25 * np.clip(1.35 - np.abs(self._y - 0.6), 0, 1))
        self._fill(shoulders, self._lit(self._person.shirt, 1.0 - 0.12 * np.abs(self._x)))
        self._fill(neck, self._lit(self._person.skin, 0.82 * shade))
        self._contour(shoulders)

    def _paint_head(self) -> None:
        person = self._person
        for side in (-1.0, 1.0):
            ear = self._ellipse(side * 1.0, 0.18, 0.13, 0.26)
            self._fill(ear, self._lit(person.skin, np.full_like(self._x, 0.85)))
            self._contour(ear)
        jaw = 1 - 0.13 * np.clip(self._y, 0, 2) ** 2
        head = (1 - np.hypot(self._x / jaw, (self._y - 0.12) / person.length)) * 0.9
        self._fill(head, self._lit(person.skin, self._relief()))
        self._contour(head)
        if person.outline:
            self._stroke([(-0.09, 0.12), (-0.16, 0.52), (-0.06, 0.6), (0.08, 0.6), (0.15, 0.53)])
        for side in (-1.0, 1.0):
            self._fill(
                self._ellipse(side * 0.09, 0.585, 0.045, 0.024), self._lit(person.skin, 0.45 + 0 * self._x), 0.03
            )

    def _relief(self) -> Field:
        """Light on a height field with sockets, nose, cheeks and chin, and much less if drawn."""
        x, y = self._x, self._y
        bulge = np.sqrt(np.clip(1 - (x / 1.05) ** 2 - ((y - 0.12) / (self._person.length + 0.05)) ** 2, 0.02, 1))
        nose = 0.3 * np.exp(-((x / 0.13) ** 2) - ((y - 0.34) / 0.27) ** 2) + 0.12 * _bump(x, y - 0.52, 0.13, 0.09)
        sockets = sum(-0.14 * _bump(x - s * self._person.eye_spacing, y - 0.01, 0.24, 0.15) for s in (-1, 1))
        cheeks = sum(0.07 * _bump(x - s * 0.5, y - 0.45, 0.25, 0.22) for s in (-1, 1))
        chin = 0.08 * _bump(x, y - 1.22, 0.25, 0.14) - 0.05 * _bump(x, y - 1.04, 0.3, 0.06)
        depth = cv2.GaussianBlur(bulge + nose + sockets + cheeks + chin, (0, 0), 0.015 * self._unit)
        slope_y, slope_x = np.gradient(depth, 1 / self._unit)
        light = (0.32 * slope_x * -1 + 0.36 * slope_y * -1 + 0.86) / np.sqrt(1 + slope_x**2 + slope_y**2)
        shade = 0.42 + 0.72 * np.clip(light, 0, 1)
        return np.asarray(0.85 + 0.25 * (shade - 0.85) if self._person.outline else shade)

    def _paint_eye(self, side: float) -> None:
        person = self._person
        x, width = side * person.eye_spacing, person.eye_width
        across = np.clip(1 - ((self._x - x) / width) ** 2, 0, 1)
        lid = np.minimum(self._y + 0.1 * across - 0.02, 0.02 + 0.075 * across - self._y)
        lid = np.where(np.abs(self._x - x) < width, lid, -1.0)
        self._fill(lid, (236, 232, 226))
        for radius, colour in ((0.095, person.iris), (0.045, (12, 10, 10))):
            self._fill(np.minimum(self._ellipse(x, -0.005, radius, radius), lid), colour)
        self._fill(self._ellipse(x + 0.03, -0.035, 0.018, 0.018), (250, 250, 250))
        upper = 0.022 - np.abs(self._y + 0.1 * across - 0.02)
        self._fill(np.where(np.abs(self._x - x) < 1.04 * width, upper, -1.0), (40, 26, 24))
        rise = 0.27 + 0.05 * np.cos((self._x - x) * side * 3.5 - 0.5)
        brow = person.brow_weight * (1 - 0.5 * np.clip((self._x - x) * side / width, -1, 1)) - np.abs(self._y + rise)
        self._fill(np.where(np.abs(self._x - x) < 1.4 * width, brow, -1.0), person.hair, 0.03)

    def _paint_mouth(self) -> None:
        person, x, y = self._person, self._x, self._y - 0.86
        across = np.clip(1 - (x / person.mouth_width) ** 2, 0, 1)
        bow = person.lip_height * across**0.7 * (1 - 0.28 * np.exp(-((x / 0.07) ** 2)))
        upper = np.minimum(y + bow, 0.01 - y)
        lower = np.minimum(y, 1.15 * person.lip_height * across**0.8 - y)
        on_lips = np.abs(x) < person.mouth_width
        gloss = 1 + 0.18 * np.exp(-(((y - 0.6 * person.lip_height) / 0.03) ** 2) - (x / 0.12) ** 2)
        self._fill(np.where(on_lips, upper, -1.0), self._lit(person.lips, np.full_like(x, 0.88)))
        self._fill(np.where(on_lips, lower, -1.0), self._lit(person.lips, gloss))
        line = 0.011 * across**0.5 - np.abs(y)
        self._fill(np.where(on_lips, line, -1.0), self._lit(person.lips, np.full_like(x, 0.4)))

    def _paint_hair(self) -> None:
        person = self._person
        strands = 1 + 0.16 * np.sin(34 * self._x + 9 * np.sin(2.2 * self._y) + 4 * self._y)
        fringe = -0.62 - 0.22 * np.cos(1.9 * self._x + (0.5 if person.long_hair else 0.0)) + 0.55 * self._x**4
        cap = np.minimum(self._ellipse(0, -0.1, 1.17, 1.42), fringe - self._y)
        self._fill(cap, self._lit(person.hair, strands), 0.03)
        self._contour(cap)

    def _stroke(self, points: list[tuple[float, float]]) -> None:
        line = [(round(x * self._unit + self._side / 2), round(y * self._unit + self._side * 0.42)) for x, y in points]
        drawn = np.zeros((self._side, self._side), np.uint8)
        cv2.polylines(drawn, [np.array(line, np.int32)], isClosed=False, color=255, thickness=7, lineType=cv2.LINE_AA)
        self._fill(drawn / 255.0 - 0.5, self._lit(self._person.skin, np.full_like(self._x, 0.4)), 1.0)

    def _shade(self, light: Field) -> Field:
        return 1.0 - 0.3 * (1 - light) if self._person.outline else light

    def _lit(self, colour: Colour, light: Field) -> Field:
        return np.asarray(colour, np.float64) * np.asarray(light)[..., np.newaxis]


def _bump(x: Field, y: Field, width: float, height: float) -> Field:
    return np.asarray(np.exp(-((x / width) ** 2) - (y / height) ** 2))
