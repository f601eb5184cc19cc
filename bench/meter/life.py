"""Whether a face lives: blinks that come irregularly, and a head that moves without jumps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.meter.faces import EYE_DISTANCE_MM, OUTER_EYE_CORNERS, Track
from bench.meter.regions import STEADY

BLINK_DEPTH = 0.8
"""Eyes this much narrower than their median of the seconds around are in a blink. The mesh model sees lids that are
shut as about 0.65 of their openness."""

BLINK_WINDOW_S = 4.0
LONGEST_BLINK_S = 0.6


@dataclass(frozen=True)
class Life:
    """Blinks a minute and the variation of the time between them (standard deviation over mean; 0 is a clock).

    Standard deviations of the head's yaw, pitch and roll in degrees, and of all of them together. Acceleration of the
    steady landmarks in millimetres a frame squared, 95th percentile.
    """

    blinks_per_minute: float
    blink_variation: float
    yaw: float
    pitch: float
    roll: float
    rotation: float
    acceleration_mm: float


def measure(track: Track) -> Life:
    """Look at a film of at least some seconds."""
    blinks = blink_times(track)
    between = np.diff(blinks)
    angles = rotations(track)
    yaw, pitch, roll = angles.std(axis=0).tolist()
    minutes = len(track.times) / track.fps / 60
    return Life(
        blinks_per_minute=len(blinks) / minutes,
        blink_variation=float(between.std() / between.mean()) if len(between) > 1 else 0.0,
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        rotation=float(np.hypot(np.hypot(yaw, pitch), roll)),
        acceleration_mm=acceleration(track),
    )


def blink_times(track: Track) -> NDArray[np.float64]:
    """Seconds at which the eyes are most shut, one for each blink."""
    openness = track.eyes / _running_median(track.eyes, round(BLINK_WINDOW_S * track.fps))
    shut = np.flatnonzero(openness < BLINK_DEPTH)
    if not len(shut):
        return np.zeros(0)
    runs = np.split(shut, np.flatnonzero(np.diff(shut) > 2) + 1)
    brief = [run for run in runs if len(run) <= LONGEST_BLINK_S * track.fps]
    return np.array([track.times[run[np.argmin(openness[run])]] for run in brief])


def rotations(track: Track) -> NDArray[np.float64]:
    """Yaw, pitch and roll (frames, 3) in degrees against the first frame.

    It is the rotation that best turns the steady landmarks of the one into the other (Umeyama, "Least-squares
    estimation of transformation parameters between two point patterns", 1991). The mesh model flattens turned heads,
    so real angles are somewhat larger (see likeness_animator.portrait.pose).
    """
    shapes = track.points[:, STEADY].astype(np.float64)
    shapes -= shapes.mean(axis=1, keepdims=True)
    left, _, right = np.linalg.svd(np.einsum("fni,nj->fij", shapes, shapes[0]))
    flip = np.tile(np.eye(3), (len(shapes), 1, 1))
    flip[:, 2, 2] = np.sign(np.linalg.det(left @ right))
    turn = left @ flip @ right
    yaw = np.arcsin(np.clip(turn[:, 0, 2], -1, 1))
    pitch = np.arctan2(-turn[:, 1, 2], turn[:, 2, 2])
    roll = np.arctan2(-turn[:, 0, 1], turn[:, 0, 0])
    return np.asarray(np.degrees(np.stack([yaw, pitch, roll], axis=1)))


def acceleration(track: Track) -> float:
    """95th percentile over frames and steady landmarks, in millimetres a frame squared."""
    places = track.points[:, STEADY, :2].astype(np.float64)
    second = np.linalg.norm(np.diff(places, n=2, axis=0), axis=2)
    millimetres = EYE_DISTANCE_MM / float(np.median(track.distance(*OUTER_EYE_CORNERS)))
    return float(np.percentile(second, 95)) * millimetres


def likeness_of_halves(track: Track) -> float:
    """Correlation of the head's rotation in the first and the second half of a film: 1 would be the same twice."""
    angles = rotations(track)
    half = len(angles) // 2
    first, second = (part - part.mean(axis=0) for part in (angles[:half], angles[half : 2 * half]))
    energy = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / energy if energy > 1e-9 else 1.0


def _running_median(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    reach = window // 2
    padded = np.pad(values, reach, "reflect") if len(values) > reach else np.pad(values, reach, "edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1))
