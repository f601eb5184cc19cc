"""The tier table: what each tier promises and which engine keeps the promise."""

from dataclasses import dataclass

from likeness_gateway.model import Tier


@dataclass(frozen=True, slots=True)
class TierRow:
    """One tier and its engine. Whether the engine is there is for the animator to say."""

    tier: Tier
    description: str
    engine: str


TIERS = (
    TierRow(Tier.DRAFT, "A warped photo with moving lips, in real time on two CPU cores, free", "mesh"),
    TierRow(Tier.STANDARD, "Natural head motion at acceptable quality for occasional videos", "sadtalker"),
    TierRow(Tier.HIGH, "Diffusion-based portrait animation, higher quality at low volume", "hallo2"),
    TierRow(Tier.PREMIUM, "The best there is, on data-centre GPUs", "hallo3"),
)
"""The cheapest first."""
