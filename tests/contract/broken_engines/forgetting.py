"""Engines whose frames depend on what they should not, or that do not know where they were."""

import json
import time
from collections.abc import Iterator
from itertools import count
from typing import ClassVar

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import AudioChunk, FrameBatch, Mark
from tests.contract.toy_engine import ToyEngine, ToySession


class ByTheClockSession(ToySession):
    def breath(self, frame: int) -> float:
        return float(time.perf_counter_ns() // 1000 % 7)


class ByTheClock(ToyEngine):
    session = ByTheClockSession


class AgeingSession(ToySession):
    born: ClassVar[Iterator[int]] = count()

    def breath(self, frame: int) -> float:
        self.age = getattr(self, "age", next(self.born) % 7)
        return self.age


class Ageing(ToyEngine):
    """Every session differs from the one before."""

    session = AgeingSession


class CountingChunksSession(ToySession):
    chunks = 0

    def push(self, event: AudioChunk | Mark) -> Iterator[FrameBatch]:
        self.chunks += 1
        return super().push(event)

    def breath(self, frame: int) -> float:
        return float(self.chunks % 7)


class CountingChunks(ToyEngine):
    session = CountingChunksSession


class SeedlessSession(ToySession):
    def breath(self, frame: int) -> float:
        return float(frame % 5)


class Seedless(ToyEngine):
    session = SeedlessSession


class GossipingSession(ToySession):
    drawn: ClassVar[list[int]] = [0]

    def breath(self, frame: int) -> float:
        before, self.drawn[0] = self.drawn[0], frame
        return float(abs(frame - before) > 1)


class Gossiping(ToyEngine):
    """What one session draws depends on another."""

    session = GossipingSession


class FadingSession(ToySession):
    faded = 0.0

    def glow(self, frame: int) -> float:
        self.faded = 0.8 * self.faded + 0.2 * super().glow(frame)
        return self.faded


class Fading(ToyEngine):
    """Smooths over frames, and leaves that out of the checkpoint."""

    session = FadingSession


class StartingAfreshSession(ToySession):
    def restored(self, checkpoint: bytes) -> int:
        try:
            return super().restored(checkpoint)
        except InvalidArgument:
            return 0


class StartingAfresh(ToyEngine):
    session = StartingAfreshSession


class BlamingNobodySession(ToySession):
    def restored(self, checkpoint: bytes) -> int:
        try:
            return super().restored(checkpoint)
        except InvalidArgument as error:
            raise InvalidArgument(Reason.FIELD_INVALID, error.message) from error


class BlamingNobody(ToyEngine):
    session = BlamingNobodySession


class TakingAnyFormatSession(ToySession):
    def restored(self, checkpoint: bytes) -> int:
        try:
            return int(json.loads(checkpoint)["next"])
        except (ValueError, TypeError, KeyError) as error:
            raise InvalidArgument(Reason.FIELD_INVALID, "not a checkpoint", field="checkpoint") from error


class TakingAnyFormat(ToyEngine):
    """Continues at another frame rate, and from another engine."""

    session = TakingAnyFormatSession


class VerboseSession(ToySession):
    def checkpoint(self) -> bytes:
        return super().checkpoint() + b" " * 65_536


class Verbose(ToyEngine):
    session = VerboseSession


class SilentSession(ToySession):
    def checkpoint(self) -> bytes:
        return b""


class Silent(ToyEngine):
    """Has no checkpoints."""

    session = SilentSession
