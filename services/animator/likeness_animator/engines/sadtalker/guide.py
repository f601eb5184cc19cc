"""Motion of another person's video, for heads and faces to follow."""

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.sadtalker import video
from likeness_animator.engines.sadtalker.alignment import align
from likeness_animator.engines.sadtalker.mel import FPS
from likeness_animator.engines.sadtalker.model import Model
from likeness_animator.engines.sadtalker.options import SadTalkerSettings
from likeness_animator.engines.sadtalker.source import is_inside
from likeness_animator.engines.sadtalker.track import EXPRESSION, NO_GUIDE, Guide
from likeness_animator.portrait import PortraitAnalyser
from likeness_animator.portrait.landmarks import FaceLandmarks
from likeness_animator.portrait.landmarks68 import landmarks68
from likeness_common.weights import WeightStore
from likeness_common.weights.digest import sha256_of

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
FindFaces = Callable[[Pixels], list[FaceLandmarks]]

LONGEST_GAP = FPS
"""Frames in a row that may be without a face: a second."""


def check(settings: SadTalkerSettings) -> None:
    """Look at the videos that the settings name.

    Raises FailedPrecondition (ENGINE_UNAVAILABLE) for one that is missing, no video, too long or too large.
    """
    for path in _named(settings):
        video.check(path)


def read(weights: WeightStore, settings: SadTalkerSettings, model: Model) -> Guide:
    """What films follow by the settings. Finding the face takes about 0.1 s a frame on one core.

    Raises FailedPrecondition (ENGINE_UNAVAILABLE), which names the file and the fix, for a video that cannot be used or
    shows no face for more than a second, and while the weights that find faces are missing.
    """
    if not (paths := _named(settings)):
        return NO_GUIDE
    find = PortraitAnalyser(weights).load().finder
    found = {path: follow(path, model, find) for path in paths}
    digests = {path: sha256_of(path) for path in paths}
    poses, expressions = settings.pose_video, settings.expression_video
    return Guide(
        poses=found[poses][:, EXPRESSION:] if poses else None,
        expressions=found[expressions][:, :EXPRESSION] if expressions else None,
        name=" ".join(digests[path] if path else "none" for path in (poses, expressions)),
    )


def follow(path: Path, model: Model, find: FindFaces) -> Floats:
    """Expression and pose of the widest face in each frame, (frames, 70), 25 frames a second.

    A frame without a whole face repeats the one before it; what is before the first face repeats that. Raises
    FailedPrecondition (ENGINE_UNAVAILABLE) as `read` does.
    """
    rows: list[Floats] = []
    gap = gaps = 0
    for picture, count in video.pictures(path):
        face = aligned(picture, find(picture))
        if face is None:
            gap, gaps = gap + count, gaps + count
            _check_gap(path, len(rows), gap)
            continue
        coefficients = model.coefficients(face)
        rows += [rows[-1] if rows else coefficients] * gap + [coefficients] * count
        gap = 0
    if not rows:
        raise video.unusable(path, "shows no face", _SHOW_A_FACE)
    rows += rows[-1:] * gap
    log.info("%s: motion of %.1f s; %d of %d frames were without a face", path, len(rows) / FPS, gaps, len(rows))
    return np.stack(rows)


def aligned(picture: Pixels, faces: list[FaceLandmarks]) -> Pixels | None:
    """The first of `faces` as the 3-D reconstruction expects it, (224, 224, 3); None when there is no whole one.

    Only the surroundings are scaled, which hold all that it sees: a small face in a large picture costs no more.
    """
    if not faces:
        return None
    landmarks = landmarks68(faces[0].points)
    height, width = picture.shape[:2]
    if not is_inside(landmarks, width, height):
        return None
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    centre, reach = (low + high) / 2, (high - low).max()
    x0, y0 = np.maximum(np.floor(centre - reach), 0).astype(int)
    x1, y1 = np.ceil(centre + reach).astype(int)
    return align(picture[y0:y1, x0:x1], landmarks - [x0, y0]).picture


def _named(settings: SadTalkerSettings) -> set[Path]:
    """The videos, each once."""
    return {path for path in (settings.pose_video, settings.expression_video) if path is not None}


def _check_gap(path: Path, known: int, gap: int) -> None:
    if gap > LONGEST_GAP:
        raise video.unusable(
            path, f"shows no face for more than {LONGEST_GAP / FPS:g} s from {known / FPS:.2f} s on", _SHOW_A_FACE
        )


_SHOW_A_FACE = "Use one in which the whole face is visible throughout"
