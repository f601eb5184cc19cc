"""Who moves the mouth: phoneme marks, or the sound where there are none."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from likeness_animator.engines.mesh.easing import ease

LISTENING_AFTER_S = 0.1
"""Without a mark for this long, the sound is listened to: some time before it is needed, to get used to the voice."""
TAKING_AFTER_S, TAKING_S = 0.25, 0.12
"""Pauses that are not marked are mostly shorter. Then the sound takes over from marks, within the second time."""
RETURNED_BEFORE_S, RETURNING_S = 0.02, 0.08
"""Marks come back as soon as they are known, and lead when their first sound begins."""


class Gap(NamedTuple):
    """A stretch of speech without marks, in seconds; infinite where no mark is known to bound it."""

    start: float
    end: float


def gap_at(time: float, marks: Iterable[tuple[float, float]]) -> Gap:
    """The first gap, long enough to listen, that is not over at `time`; it may be still to come.

    `marks` are the (start, end) of what is known, in seconds and in order.
    """
    known_until = -math.inf
    for start, end in marks:
        if start - known_until > TAKING_AFTER_S + RETURNED_BEFORE_S and start > time + RETURNED_BEFORE_S:
            return Gap(known_until, start)
        known_until = max(known_until, end)
    return Gap(known_until, math.inf)


def share_of_sound(time: float, gap: Gap) -> float:
    """How far the sound moves the mouth, 0 to 1, without a jump at either end of a gap."""
    taken = ease((time - gap.start - TAKING_AFTER_S) / TAKING_S)
    return min(taken, ease((gap.end - time - RETURNED_BEFORE_S) / RETURNING_S))
