"""What a stream tells about a render. Times are microseconds, costs millionths of a US dollar."""

from dataclasses import dataclass

from likeness_common.media import Segment
from likeness_common.renders import Notice
from likeness_gateway.model.plan import Plan, Quote


@dataclass(frozen=True, slots=True)
class Accepted:
    """Opens a stream."""

    render_id: str
    plan: Plan
    quote: Quote


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a render is; `frames_expected` is an estimate until the speech has ended."""

    frames_done: int
    frames_expected: int
    elapsed_us: int


@dataclass(frozen=True, slots=True)
class StageUsage:
    """What one stage (tts, animator or compositor) took; `first_output_us` counts from the request."""

    stage: str
    busy_us: int
    first_output_us: int
    cost_micros: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a render took; closes a stream.

    `render_us` and `first_segment_us` count from the request, `work_us` from when the render got its slot.
    """

    quoted: Quote
    cost_micros: int
    video_us: int
    render_us: int
    work_us: int
    first_segment_us: int
    frame_count: int
    segment_count: int
    byte_count: int
    stages: tuple[StageUsage, ...]
    trace_id: str


RenderEvent = Accepted | Progress | Segment | Notice | Receipt
"""Accepted first, Receipt last."""
