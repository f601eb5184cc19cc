"""From weights of mouth shapes to one mouth position: the mouth model of `coarticulation`, with opinions for sounds.

Where marks say which sound there is, the network says how likely each one is; a hop then pulls towards all targets at
once, each by its weight. Everything else is the same: windows, insistence, the gate for closures, and pauses.
"""

import functools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh import coarticulation
from likeness_animator.engines.mesh.coarticulation import Sound
from likeness_animator.engines.mesh.listening import classes
from likeness_animator.engines.mesh.listening.listener import Heard
from likeness_animator.engines.mesh.listening.mel import HOPS_PER_SECOND
from likeness_animator.engines.mesh.pose import MouthPose
from likeness_animator.engines.mesh.visemes import AJAR, REST, Viseme

HOP_S = 1 / HOPS_PER_SECOND
NEGLIGIBLE = 0.08
"""Weights below it are dropped: without them silence is truly still."""
LIKELY = 0.5
CLOSING_FROM, CLOSING_TO = 0.35, 0.6
"""The lips begin to close for a p, b or m this likely, and shut for one this likely."""

Floats = NDArray[np.float64]


def mouth_heard(time: float, heard: Heard, frame_s: float) -> MouthPose:
    """The mouth at `time`, from what is heard around it. `frame_s` is the time from frame to frame."""
    if not len(heard.weights):
        return MouthPose()
    likely = _likely(heard.weights)
    starts = (heard.first + np.arange(len(likely), dtype=np.float64)) * HOP_S
    insistence, pull = _pulls(likely)
    shares = coarticulation.seen((starts + HOP_S - time)[:, None]) - coarticulation.seen((starts - time)[:, None])
    total = (insistence * shares).sum(axis=0)
    if not total.all():
        return MouthPose()
    mouth = MouthPose(*((pull * shares).sum(axis=0) / total).tolist())
    for start, end, certain in _closures(starts, likely, frame_s):
        mouth = coarticulation.near_closure(mouth, coarticulation.away_from(time, start, end), certain)
    return mouth


def _likely(weights: NDArray[np.uint8]) -> Floats:
    """Weights as shares of 1, (hops, classes), smoothed over neighbouring hops and without the negligible."""
    padded = np.concatenate([weights[:1], weights, weights[-1:]]).astype(np.float64)
    smooth = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    smooth[smooth < NEGLIGIBLE * smooth.sum(axis=1, keepdims=True)] = 0
    return np.asarray(smooth / smooth.sum(axis=1, keepdims=True))


def _pulls(likely: Floats) -> tuple[Floats, Floats]:
    """Strength, and strength times target, of every hop on every field of the mouth: (hops, fields) each."""
    strengths, targets = _targets()
    closed = _closed(likely[:, 0])
    mixture = np.column_stack([likely[:, 1:], likely[:, 0] * (1 - closed), likely[:, 0] * closed])
    return mixture @ strengths, mixture @ (strengths * targets)


@functools.cache
def _targets() -> tuple[Floats, Floats]:
    """Insistence and target of every class but silence, and of short and long pauses: (visemes, fields) each."""
    visemes: list[Viseme] = [*classes.visemes(), AJAR, REST]
    return (
        np.array([coarticulation.insistence_of(viseme) for viseme in visemes]),
        np.array([coarticulation.target_of(viseme) for viseme in visemes]),
    )


def _closed(silence: Floats) -> Floats:
    """For every hop how far the mouth closes if it is silent, 0 to 1, by the length of the pause around it."""
    closed = np.zeros(len(silence))
    for start, end in _runs(silence > LIKELY):
        length = (end - start) * HOP_S if start else np.inf
        known = (length - coarticulation.SHORT_PAUSE_S) / (coarticulation.LONG_PAUSE_S - coarticulation.SHORT_PAUSE_S)
        closed[start:end] = coarticulation.ramp(known)
    return closed


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where flags are set without a gap, as [start, end)."""
    changes = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(start), int(end)) for start, end in changes.reshape(-1, 2)]


def _closures(starts: Floats, likely: Floats, frame_s: float) -> Iterator[tuple[float, float, float]]:
    """When the lips touch for p, b and m, as (start, end), and how certain that is, 0 to 1."""
    closing = np.asarray([False, *(viseme.closes for viseme in classes.visemes())])
    likelihood = likely[:, closing].sum(axis=1)
    shortest = max(coarticulation.SHORTEST_CLOSURE_S, frame_s)
    for first, last in _runs(likelihood > CLOSING_FROM):
        certain = (likelihood[first:last].max() - CLOSING_FROM) / (CLOSING_TO - CLOSING_FROM)
        sound = Sound(float(starts[first]), float(starts[last - 1]) + HOP_S, classes.visemes()[0])
        yield *coarticulation.closure_of(sound, shortest), coarticulation.ramp(float(certain))
