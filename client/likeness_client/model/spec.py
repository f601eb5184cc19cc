"""What to render."""

from dataclasses import dataclass, field
from enum import Enum

from likeness_common.media import Acting, Container, Framing
from likeness_common.renders import Consent
from likeness_common.stages.speech import Recording, Script


class Tier(Enum):
    """A promise about quality; AUTO is the cheapest tier that meets the request."""

    AUTO = "auto"
    DRAFT = "draft"
    STANDARD = "standard"
    HIGH = "high"
    PREMIUM = "premium"


@dataclass(frozen=True, slots=True)
class Output:
    """What the video looks like.

    width and height are even, 64 to 1920 pixels (for Framing.FULL the most); fps 10 to 60; crf 10 (best) to 40;
    segment_ms 200 to 10000.
    """

    container: Container = Container.FRAGMENTED_MP4
    width: int = 512
    height: int = 512
    fps: int = 25
    framing: Framing = Framing.AUTO
    crf: int = 23
    segment_ms: int = 1000


@dataclass(frozen=True, slots=True)
class RenderSpec:
    """Everything that decides what a render shows and may cost.

    `speech` is a Script to read aloud, or a Recording (an audio file of at most 3 MiB and 10 minutes) to play.
    Give `portrait_image` (a JPEG, PNG or WebP file of at most 20 MiB) or the `portrait_id` of an earlier upload.
    The same spec with the same `seed` gives the same bytes. None means no limit of the caller's.
    """

    speech: Script | Recording
    portrait_image: bytes = field(default=b"", repr=False)
    portrait_id: str = ""
    output: Output = Output()
    tier: Tier = Tier.AUTO
    min_tier: Tier | None = None
    max_cost_micros: int | None = None
    finish_within_s: float | None = None
    commercial_use: bool = False
    seed: int = 0
    consent: Consent | None = None
    acting: Acting = field(default_factory=Acting)
