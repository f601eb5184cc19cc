"""How a render will be done, and what that will take."""

from dataclasses import dataclass

from likeness_gateway.model.spec import Tier


@dataclass(frozen=True, slots=True)
class Plan:
    """Who does what: `pool` is the place that renders, `engine` draws, `voice` speaks (empty: a recording).

    `lookahead_ms` is how much speech the engine hears ahead of a frame.
    """

    tier: Tier
    pool: str
    engine: str
    voice: str
    lookahead_ms: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """What a plan is expected to take: millionths of a US dollar, and microseconds."""

    cost_micros: int
    video_us: int
    render_us: int
