"""What a caller asks for."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Annotated

from pydantic import AliasChoices, Field

from likeness_common.media import Acting, Container, Framing, VideoFormat
from likeness_common.renders import Consent
from likeness_common.stages.speech import Recording, Script


class Tier(IntEnum):
    """A promise about quality; a higher number promises more. AUTO leaves the choice to the gateway."""

    AUTO = 0
    DRAFT = 1
    STANDARD = 2
    HIGH = 3
    PREMIUM = 4


@dataclass(frozen=True, slots=True)
class RenderSpec:
    """Everything that decides what a render shows and may cost, with all defaults filled in.

    `portrait_id` is the SHA-256 of the photo (empty only in estimates); costs are millionths of a US dollar.
    """

    speech: Annotated[Script | Recording, Field(validation_alias=AliasChoices("speech", "script"))]  # as once stored
    portrait_id: str
    video: VideoFormat
    framing: Framing = Framing.AUTO
    container: Container = Container.FRAGMENTED_MP4
    crf: int = 23
    segment_ms: int = 1000
    tier: Tier = Tier.AUTO
    min_tier: Tier = Tier.DRAFT
    max_cost_micros: int | None = None
    finish_within_ms: int | None = None
    commercial_use: bool = False
    seed: int = 0
    consent: Consent | None = None
    acting: Acting = field(default_factory=Acting)

    @property
    def characters(self) -> int:
        """Length of the script; 0 for a recording."""
        return len(self.speech.text) if isinstance(self.speech, Script) else 0
