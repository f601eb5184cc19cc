"""How a face behaves beside its speech."""

from dataclasses import dataclass
from enum import Enum


class Expression(Enum):
    """What the face shows throughout."""

    NEUTRAL = "neutral"
    WARM = "warm"
    SERIOUS = "serious"
    EXCITED = "excited"


@dataclass(frozen=True, slots=True)
class Acting:
    """How a face behaves beside its speech.

    intensity: strength of the expression, the brows and the head's motion, 0 (a face that only speaks) to 2; the lips
    follow the speech at any intensity. eye_contact: the eyes stay on the viewer while the head moves.
    """

    expression: Expression = Expression.NEUTRAL
    intensity: float = 1.0
    eye_contact: bool = False
