"""What each expression sets the face to, and how much it makes it move."""

from dataclasses import dataclass
from types import MappingProxyType

from likeness_animator.engines.mesh.randomness import chance
from likeness_common.media import Acting, Expression


@dataclass(frozen=True, slots=True)
class Manner:
    """A lasting expression.

    smile: -1 corners down to 1 a wide smile. brow: lowered to raised, furrow: brows drawn together, inner_brow: their
    inner ends raised, all -1 to 1. lids: -1 eyes wide to 1 narrowed. pitch, roll: degrees by which the head is held
    down and to one side. energy, blinks: motion of head and brows, and blinks a minute, relative to the usual.
    """

    smile: float = 0.0
    brow: float = 0.0
    furrow: float = 0.0
    inner_brow: float = 0.0
    lids: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    energy: float = 1.0
    blinks: float = 1.0


MANNERS = MappingProxyType(
    {
        Expression.NEUTRAL: Manner(),
        Expression.WARM: Manner(smile=0.6, brow=0.12, inner_brow=0.2, lids=0.35, pitch=0.4, roll=2.0, blinks=1.1),
        Expression.SERIOUS: Manner(smile=-0.2, brow=-0.15, furrow=0.6, lids=0.25, pitch=1.0, energy=0.7, blinks=0.75),
        Expression.EXCITED: Manner(smile=0.7, brow=0.4, lids=-0.35, pitch=-0.8, energy=1.45, blinks=1.15),
    }
)
STILLEST, LIVELIEST = 0.3, 1.75
"""Energy at intensity 0, alive but without emphasis, and the most: heads that rock look drunk."""


def manner_of(acting: Acting, seed: int) -> Manner:
    """The expression at its intensity. Heads are held to the left or the right as the seed has it."""
    manner, strength = MANNERS[acting.expression], acting.intensity
    side = 1 if chance(seed, 70) < 0.5 else -1
    energy = min(STILLEST + (manner.energy - STILLEST) * strength**0.7, LIVELIEST)
    return Manner(
        smile=manner.smile * strength,
        brow=manner.brow * strength,
        furrow=manner.furrow * strength,
        inner_brow=manner.inner_brow * strength,
        lids=manner.lids * strength,
        pitch=manner.pitch * strength,
        roll=side * manner.roll * strength,
        energy=energy,
        blinks=1 + (manner.blinks - 1) * strength,
    )
