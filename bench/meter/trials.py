"""Trials of the meter itself, and of what shows only over minutes."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bench.meter import closure, decoded, life, sync, voices
from bench.meter.faces import Track
from bench.meter.figures import Figure
from bench.meter.film import Order
from bench.meter.shooting import Crew, Shot
from bench.portraits import PORTRAITS, png
from likeness_common.media import VideoFormat

FRAME_MS = 40
SMALL = VideoFormat(256, 256)


def offsets(shot: Shot, delays_ms: Sequence[int]) -> dict[str, list[Figure]]:
    """Move the sound of a film and see what the meter says. A mouth that comes late has a positive lag.

    The pictures stay the same coded packets, so their landmarks need not be found again.
    """
    rows = {}
    for delay in delays_ms:
        moved = decoded.with_sound_moved(shot.film, delay / 1e3)
        first, _ = next(decoded.pictures(moved))
        late = Track(shot.track.times - shot.track.times[0] + first, shot.track.points)
        found = sync.measure(late, shot.speech.phonemes, decoded.sound_delay(moved, shot.speech.pcm))
        seen = shot.sync.lag_ms - found.lag_ms
        rows[f"{delay:+d} ms"] = [
            Figure("recovered ms", seen, delay - FRAME_MS, delay + FRAME_MS),
            Figure("sync", found.peak),
        ]
    return rows


def bad_films(shot: Shot) -> dict[str, list[Figure]]:
    """Films that have to fail: one picture frozen, lips that never meet, and a mouth that says something else.

    The landmarks are those of a real film, spoilt.
    """
    track, phonemes = shot.track, shot.speech.phonemes
    spoilt = {
        "frozen": replace(track, points=np.repeat(track.points[:1], len(track.points), axis=0)),
        "agape": replace(track, points=_agape(track.points)),
        "backwards": replace(track, points=track.points[::-1]),
    }
    rows = {}
    for name, bad in spoilt.items():
        mouth, alive = closure.measure(bad, phonemes), life.measure(bad)
        fails = {
            "sync": not sync.measure(bad, phonemes).peak >= 0.8,
            "closure": not (mouth.bilabials >= 0.95 and mouth.contrast >= 4),
            "life": not (alive.rotation >= 1 and alive.blinks_per_minute >= 10),
        }
        wanted = {"frozen": ("sync", "closure", "life"), "agape": ("closure",), "backwards": ("sync",)}[name]
        rows[name] = [Figure(f"{kind} fails", float(fails[kind]), *((1,) if kind in wanted else ())) for kind in fails]
    return rows


def _agape(
    points: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Inner lips that stay a tenth of the mouth apart."""
    opened = points.copy()
    opened[:, 14, 1] += 0.1 * np.linalg.norm(points[:, 61, :2] - points[:, 291, :2], axis=1)
    return opened


def minutes(crew: Crew, names: Sequence[str]) -> dict[str, list[Figure]]:
    """Two minutes of the same words twice over: blinks, the head, and whether the second minute repeats the first."""
    speech = voices.said(voices.MINUTE + voices.MINUTE)
    rows = {}
    for name in names:
        order = Order(png(PORTRAITS[name]()), speech, SMALL)
        film = crew.studio.film(order)
        track = crew.track(film)
        alive = life.measure(track)
        again = hashlib.sha256(crew.studio.film(order)).digest() == hashlib.sha256(film).digest()
        other = hashlib.sha256(crew.studio.film(replace(order, seed=1))).digest() == hashlib.sha256(film).digest()
        rows[name] = [
            Figure("blinks/min", alive.blinks_per_minute, 10, 25),
            Figure("variation", alive.blink_variation, 0.25),
            Figure("yaw", alive.yaw),
            Figure("pitch", alive.pitch),
            Figure("roll", alive.roll),
            Figure("rotation", alive.rotation, 1, 4),
            Figure("accel mm", alive.acceleration_mm),
            Figure("2nd like 1st", life.likeness_of_halves(track), most=0.5),
            Figure("same seed", float(again), 1),
            Figure("other seed", float(other), most=0),
        ]
    return rows
