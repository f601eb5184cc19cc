"""Renders, their plans and what they took."""

from dataclasses import dataclass
from datetime import datetime

from likeness_client.model.spec import Tier
from likeness_common.renders import Notice, RenderState


@dataclass(frozen=True, slots=True)
class Plan:
    """How a render is done: quality, place, engine that draws, voice that speaks."""

    tier: Tier
    pool: str
    engine: str
    voice: str

    @property
    def speaker(self) -> str:
        """Who is heard, for people."""
        return f"voice {self.voice}" if self.voice else "a recording"


@dataclass(frozen=True, slots=True)
class Quote:
    """What a plan is expected to take."""

    cost_micros: int
    video_s: float
    render_s: float


@dataclass(frozen=True, slots=True)
class StageUsage:
    """What one stage took: `busy_s` computing, `first_output_s` from the request to its first output."""

    stage: str
    busy_s: float
    real_time_factor: float
    first_output_s: float
    cost_micros: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a render took. `real_time_factor` is seconds of rendering per second of video."""

    quoted: Quote
    cost_micros: int
    video_s: float
    render_s: float
    first_segment_s: float
    real_time_factor: float
    frame_count: int
    segment_count: int
    byte_count: int
    stages: tuple[StageUsage, ...]
    trace_id: str


@dataclass(frozen=True, slots=True)
class Render:
    """One video being made. `name` is `renders/` and 32 hexadecimal digits; `receipt` comes with SUCCEEDED."""

    name: str
    state: RenderState
    plan: Plan
    quote: Quote
    create_time: datetime
    end_time: datetime | None
    segment_count: int
    receipt: Receipt | None
    notices: tuple[Notice, ...]
    error_reason: str
    error_message: str
