"""What a render takes: instants, busy times and amounts."""

import time
from dataclasses import dataclass

from opentelemetry.trace import Span

from likeness_common.telemetry import names
from likeness_gateway.model import StageUsage
from likeness_gateway.pipeline.failures import ANIMATOR, COMPOSITOR, TTS

_EVENTS = {
    TTS: names.EVENT_FIRST_AUDIO,
    ANIMATOR: names.EVENT_FIRST_FRAME,
    COMPOSITOR: names.EVENT_FIRST_SEGMENT,
}


@dataclass
class _Stage:
    busy_us: int = 0
    first_us: int | None = None


class Meter:
    """Measures one render from its request on, on the monotonic clock.

    `already_us` is how long ago the request came, for a render that is taken up again.
    """

    def __init__(self, span: Span, already_us: int = 0) -> None:
        self._span = span
        self._started_ns = time.monotonic_ns() - already_us * 1000
        self._stages = {stage: _Stage() for stage in _EVENTS}
        self.work_began_us = 0
        self.frames = 0
        self.video_us = 0
        self.frames_expected = 0

    @property
    def elapsed_us(self) -> int:
        """Time since the request."""
        return (time.monotonic_ns() - self._started_ns) // 1000

    def first_output(self, stage: str) -> None:
        """Note the instant of a stage's first output; later calls change nothing."""
        usage = self._stages[stage]
        if usage.first_us is None:
            usage.first_us = self.elapsed_us
            self._span.add_event(_EVENTS[stage], {names.MS_FROM_REQUEST: usage.first_us // 1000})

    def busy(self, stage: str, busy_us: int) -> None:
        """Note how long a stage computed."""
        self._stages[stage].busy_us = busy_us

    def first_us(self, stage: str) -> int:
        """When a stage's first output came, from the request; 0 when none did."""
        return self._stages[stage].first_us or 0

    def usage(self, costs_micros: dict[str, int]) -> tuple[StageUsage, ...]:
        """Every stage in order, with its cost."""
        return tuple(
            StageUsage(stage, usage.busy_us, usage.first_us or 0, costs_micros.get(stage, 0))
            for stage, usage in self._stages.items()
        )
