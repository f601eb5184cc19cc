"""Hears a session's speech: samples in, weights of the mouth shapes per hop out.

It works through the speech in hops of 10 ms that lie at fixed samples, one at a time and only up to the horizon that it
is asked for. So what it has heard at a horizon does not depend on how the speech was cut into chunks, and its state
there, a few kilobytes, continues the same in another process.
"""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from likeness_animator.engines.mesh.listening import mel
from likeness_animator.engines.mesh.listening.classes import CLASSES
from likeness_animator.engines.mesh.listening.network import EARLY_HOPS, LATE_HOPS, STATE_SHAPE, Weights, network


@dataclass(frozen=True, slots=True)
class Heard:
    """Weights (hops, classes), 0 to 255, of the hops from `first` on."""

    first: int
    weights: Weights


class Listener:
    """Asleep until it is asked to listen. `rate` in Hz."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._hop = 0
        self._arrived = np.zeros(0, np.int16)
        self._awake = False

    def add(self, samples: NDArray[np.int16], start: int) -> None:
        """Take the samples from position `start` on, in order; those of hops already passed are dropped."""
        passed = max(0, self._position - start)
        if passed < len(samples):
            self._arrived = np.concatenate([self._arrived, samples[passed:]])

    @property
    def _position(self) -> int:
        """The next sample to come."""
        return mel.hop_end(self._hop - 1, self._rate) + len(self._arrived)

    def listen(self, horizon: int) -> None:
        """Hear all whole hops before sample `horizon`. What has not arrived by then is silence: the speech is over."""
        if not self._awake:
            self._wake()
        while mel.hop_end(self._hop, self._rate) <= horizon:
            self._hear(self._take())

    def rest(self, horizon: int) -> None:
        """Let the hops before sample `horizon` pass unheard, and forget all others."""
        self._awake = False
        while mel.hop_end(self._hop, self._rate) <= horizon:
            self._take()

    def _take(self) -> NDArray[np.int16]:
        """The samples of the next hop."""
        count = mel.hop_end(self._hop, self._rate) - mel.hop_end(self._hop - 1, self._rate)
        taken, self._arrived = self._arrived[:count], self._arrived[count:]
        self._hop += 1
        return np.concatenate([taken, np.zeros(count - len(taken), np.int16)])

    def _wake(self) -> None:
        self._awake = True
        self._analysis = mel.Analysis.at(self._rate)
        self._window = np.zeros(len(self._analysis.window), np.int16)
        self._level = mel.QUIETEST_DB
        self._state = np.zeros(STATE_SHAPE, np.float32)
        self._first = self._hop
        self._weights: Weights = np.zeros((0, len(CLASSES)), np.uint8)

    def _hear(self, samples: NDArray[np.int16]) -> None:
        """Hear one hop, which names the hop EARLY_HOPS before it and revises the one LATE_HOPS before it."""
        self._window = np.concatenate([self._window[len(samples) :], samples])
        energies = self._analysis.energies(self._window[None])[0]
        self._level = mel.level_after(self._level, float(mel.loudness(energies)))
        weights, self._state = network().step(mel.features(energies, self._level), self._state)
        heard = self._hop - 1 - self._first
        if heard >= EARLY_HOPS:
            self._weights = np.concatenate([self._weights, weights[:1]])
        if heard >= LATE_HOPS and len(self._weights) > LATE_HOPS - EARLY_HOPS:
            self._weights[EARLY_HOPS - LATE_HOPS - 1] = weights[1]

    def heard(self) -> Heard | None:
        """What is known so far; None while asleep."""
        return Heard(self._first, self._weights) if self._awake else None

    def forget(self, hop: int) -> None:
        """Drop the weights of hops before `hop`, but never those that are still to be revised."""
        drop = min(hop - self._first, len(self._weights) - LATE_HOPS) if self._awake else 0
        if drop > 0:
            self._weights = self._weights[drop:]
            self._first += drop

    def snapshot(self) -> dict[str, Any]:
        """Where it is and what it needs to go on, as JSON values."""
        if not self._awake:
            return {"hop": self._hop}
        arrays: dict[str, NDArray[Any]] = {"window": self._window, "state": self._state, "weights": self._weights}
        return {"hop": self._hop, "first": self._first, "level": self._level} | {
            name: base64.b64encode(array.tobytes()).decode() for name, array in arrays.items()
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Start from a snapshot. Raises ValueError, TypeError or KeyError for anything else."""
        self._hop = int(state["hop"])
        if "window" not in state:
            return
        self._wake()
        self._first, self._level = int(state["first"]), float(state["level"])
        self._window = _decoded(state["window"], np.int16).reshape(self._window.shape)
        self._state = _decoded(state["state"], np.float32).reshape(STATE_SHAPE)
        self._weights = _decoded(state["weights"], np.uint8).reshape(-1, len(CLASSES))


def _decoded(text: str, kind: type[np.generic]) -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(text, validate=True), kind).copy()
