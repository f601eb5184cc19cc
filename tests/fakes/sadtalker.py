"""SadTalker at a reduced size with seeded weights: what it draws is nonsense, how it draws it is not."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any, Self

from likeness_animator.engines.sadtalker import guide, loading
from likeness_animator.engines.sadtalker.engine import ReadGuide, SadTalkerEngine
from likeness_animator.engines.sadtalker.options import SadTalkerSettings
from likeness_animator.engines.sadtalker.track import NO_GUIDE
from likeness_animator.runners import Runner
from likeness_common.weights import WeightStore
from tests.parity.sadtalker.golden import SMALL_SIDE, every, small


@cache
def small_networks() -> loading.Networks:
    """All networks."""
    return every(small)


@cache
def small_graphs(precision: str = "float32") -> Mapping[str, Runner]:
    """All graphs, in torch on the CPU."""
    return loading.runners(small_networks(), "cpu", precision)


class SmallSadTalker(SadTalkerEngine):
    """For registries of tests; needs no weights."""

    def __init__(self, settings: SadTalkerSettings | None = None, read_guide: ReadGuide = lambda _: NO_GUIDE) -> None:
        super().__init__(small_graphs, settings, SMALL_SIDE, read_guide)
        self.info = replace(self.info, weights=())

    @classmethod
    def create(cls, weights: WeightStore, settings: Any) -> Self:
        """See Engine."""
        chosen = settings or SadTalkerSettings()
        return cls(chosen, partial(guide.read, weights, chosen))
