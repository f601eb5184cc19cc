"""Landmarks of films that were never made: a mouth and eyes that follow given curves."""

import numpy as np
from numpy.typing import NDArray

from bench.meter.faces import EYES, Track
from bench.meter.regions import STEADY
from likeness_common.media import RENDER_SAMPLE_RATE_HZ, Mark, MarkKind

FPS = 25
EYE_DISTANCE = 100.0
MOUTH_WIDTH = 60.0
EYE_OPENNESS = 0.3
Curve = NDArray[np.float64]


def phonemes(*parts: tuple[str, float]) -> list[Mark]:
    """Marks one after another, each with its length in seconds."""
    marks, start = [], 0.0
    for value, seconds in parts:
        first, last = (round(at * RENDER_SAMPLE_RATE_HZ) for at in (start, start + seconds))
        marks.append(Mark(MarkKind.PHONEME, first, last, 0, 0, value))
        start += seconds
    return marks


def film(gap: Curve, eyes: Curve | None = None, angles: Curve | None = None) -> Track:
    """A face whose inner lips part by `gap` mouth widths, whose eyes are `eyes` of their openness, turned by `angles`.

    angles: yaw, pitch and roll (frames, 3) in degrees.
    """
    points = np.zeros((len(gap), 478, 3))
    points[:] = _head()
    points[:, 14, 1] = points[:, 13, 1] + gap * MOUTH_WIDTH
    for left, up1, up2, right, down2, down1 in EYES:
        points[:, left, 0], points[:, right, 0] = 0, 20
        for upper, lower in ((up1, down1), (up2, down2)):
            points[:, lower, 1] = 20 * EYE_OPENNESS * (eyes if eyes is not None else 1.0)
            points[:, upper, 1] = 0
    points[:, 33], points[:, 263] = (-EYE_DISTANCE / 2, 0, 0), (EYE_DISTANCE / 2, 0, 0)
    if angles is not None:
        points = np.einsum("fij,fnj->fni", np.stack([_turn(*row) for row in np.radians(angles)]), points)
    return Track(np.arange(len(gap)) / FPS, points.astype(np.float32))


def _head() -> Curve:
    head = np.zeros((478, 3))
    places = np.random.default_rng(0).uniform(-60, 60, (len(STEADY), 3))
    head[STEADY] = places
    head[61], head[291] = (-MOUTH_WIDTH / 2, 60, 0), (MOUTH_WIDTH / 2, 60, 0)
    head[[13, 14], 1] = 60
    return head


def _turn(yaw: float, pitch: float, roll: float) -> Curve:
    (cy, sy), (cp, sp), (cr, sr) = ((np.cos(a), np.sin(a)) for a in (yaw, pitch, roll))
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y)
