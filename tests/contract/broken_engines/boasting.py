"""Engines that say of themselves what is not so."""

from dataclasses import replace

import numpy as np

from likeness_animator.portrait import AnalysedPortrait
from likeness_common.media import VideoFormat
from likeness_common.stages.animator import AnimationOptions
from tests.contract.toy_engine import TOY_INFO, ToyEngine, ToySession

MIB = 2**20


class WithoutLicence(ToyEngine):
    info = replace(TOY_INFO, code_licence="")


class WithHiddenWeightLicence(ToyEngine):
    info = replace(TOY_INFO, weights=("face",))


class OnUnknownRunner(ToyEngine):
    info = replace(TOY_INFO, runners=("abacus",))


class Changing(ToyEngine):
    """Finds out what it can do when it is first used."""

    def open(self, portrait: AnalysedPortrait, options: AnimationOptions) -> ToySession:
        self.info = replace(TOY_INFO, expected_rtf=0.5)
        return super().open(portrait, options)


class LateSession(ToySession):
    def ready(self) -> int:
        return max(self.next, super().ready() - 1)


class Late(ToyEngine):
    session = LateSession


class BoastingOfItsSize(ToyEngine):
    info = replace(TOY_INFO, max_side=1024)


class TakingAnySize(ToyEngine):
    def check(self, video: VideoFormat) -> None: ...


class DeafSession(ToySession):
    def glow(self, frame: int) -> float:
        return 0.0


class Deaf(ToyEngine):
    session = DeafSession


class AskingForMarksInVain(ToyEngine):
    info = replace(TOY_INFO, needs_marks=True)


class GreedySession(ToySession):
    def breath(self, frame: int) -> float:
        return super().breath(frame) + float(np.ones(64 * MIB, np.uint8)[frame] - 1)


class Greedy(ToyEngine):
    """Needs twice the memory that it states, and only while it draws."""

    session = GreedySession


class SlowInLargeBatches(ToyEngine):
    info = replace(TOY_INFO, expected_rtf=6.0)
