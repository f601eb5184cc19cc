"""Engines that keep what they should let go of, tire, or do not like a picture."""

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import AudioChunk, Expression, FrameBatch, Mark
from tests.contract.toy_engine import ToyEngine, ToySession


class ClosingOnceSession(ToySession):
    def close(self) -> None:
        if self.face is None:
            raise RuntimeError("closed already")
        super().close()


class ClosingOnce(ToyEngine):
    session = ClosingOnceSession


class ClingingSession(ToySession):
    def close(self) -> None:
        self.album = np.ones(2**19, np.uint8)
        super().close()


class Clinging(ToyEngine):
    session = ClingingSession


class RestlessSession(ToySession):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.awake = threading.Event()
        threading.Thread(target=self.awake.wait, args=(30,), daemon=True, name="restless").start()


class Restless(ToyEngine):
    """Its threads do not end with its sessions."""

    session = RestlessSession


class RememberingSession(ToySession):
    def push(self, event: AudioChunk | Mark) -> Iterator[FrameBatch]:
        self.heard = [*getattr(self, "heard", []), event]
        return super().push(event)


class Remembering(ToyEngine):
    """Keeps all speech."""

    session = RememberingSession


class HoardingTensorsSession(ToySession):
    def picture(self, frame: int, face: NDArray[np.float64]) -> NDArray[np.float64]:
        picture = super().picture(frame, face)
        self.album = [*getattr(self, "album", []), torch.from_numpy(picture).clone()]
        return picture


class HoardingTensors(ToyEngine):
    """Keeps all pictures, where Python does not count them."""

    session = HoardingTensorsSession


class BrighteningSession(ToySession):
    def breath(self, frame: int) -> float:
        return super().breath(frame) + 0.2 * frame


class Brightening(ToyEngine):
    session = BrighteningSession


class FastClockSession(ToySession):
    def glow(self, frame: int) -> float:
        late = self.starts(frame + 1) // 50  # the sound runs 2 % slow
        end = self.horizon(frame) - late - self.start + 2 * self.rate
        heard = self.recent[max(0, end - 2000) : max(0, end)]
        return min(60.0, float(np.abs(heard).max(initial=0)) / 60)

    @property
    def recent(self) -> NDArray[np.float64]:
        """The last two seconds before the next frame, and what was heard since."""
        return np.concatenate([self.past, self.sound])

    past = np.zeros(48_000)

    def forget(self, frame: int) -> None:
        gone = self.sound[: self.starts(frame) - self.start]
        self.past = np.concatenate([self.past, gone])[-2 * self.rate :]
        super().forget(frame)


class FastClock(ToyEngine):
    """The picture falls behind the sound."""

    session = FastClockSession


class ForeknowingSession(ToySession):
    def breath(self, frame: int) -> float:
        return super().breath(frame) + float(np.abs(self.sound).max(initial=0) > 0)


class Foreknowing(ToyEngine):
    """Shows sound that lies beyond its lookahead, as far as it has been pushed."""

    session = ForeknowingSession


class AfraidOfTheDarkSession(ToySession):
    def picture(self, frame: int, face: NDArray[np.float64]) -> NDArray[np.float64]:
        return face if face.mean() < 45 else super().picture(frame, face)


class AfraidOfTheDark(ToyEngine):
    session = AfraidOfTheDarkSession


class FacelessSession(ToySession):
    def picture(self, frame: int, face: NDArray[np.float64]) -> NDArray[np.float64]:
        return super().picture(frame, np.full_like(face, 90.0))


class Faceless(ToyEngine):
    """Draws the same for everybody."""

    session = FacelessSession


class HumourlessSession(ToySession):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        if self.options.acting.expression is Expression.EXCITED:
            raise InvalidArgument(Reason.FIELD_INVALID, "no", field="acting.expression")


class Humourless(ToyEngine):
    session = HumourlessSession


class OneRateSession(ToySession):
    def ready(self) -> int:
        if self.rate not in (24_000, 16_000):
            raise InvalidArgument(Reason.FIELD_INVALID, "no", field="audio.sample_rate_hz")
        return super().ready()


class OneRate(ToyEngine):
    session = OneRateSession
