"""What a running render sends."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from likeness_client.model.render import Plan, Quote, Receipt
from likeness_common.media import Segment
from likeness_common.renders import Notice


@dataclass(frozen=True, slots=True)
class Accepted:
    """Opens a stream. `render` names the render for watching, tracing and cancelling."""

    render: str
    plan: Plan
    quote: Quote


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a render is. `frames_expected` is an estimate until the speech has ended."""

    frames_done: int
    frames_expected: int
    elapsed_s: float


RenderEvent = Accepted | Progress | Segment | Notice | Receipt
"""Accepted comes first and Receipt last; the data of all Segments in order is the file."""

EventStream = AsyncGenerator[RenderEvent, None]
"""Events of one render. Close it (contextlib.aclosing) to stop listening before its end."""
