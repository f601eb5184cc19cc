"""Moving from one value to the next without a jump."""

from dataclasses import fields
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Numbers = TypeVar("Numbers", bound="DataclassInstance")
"""A dataclass of floats."""

Path = list[list[float]]
"""Values in time: [time, value, ...] each, from its time on; never empty, in order of time."""


def ease(x: float) -> float:
    """From 0 to 1 with the least jerk (Flash and Hogan, "The coordination of arm movements", 1985)."""
    x = min(max(x, 0.0), 1.0)
    return x * x * x * (10 + x * (6 * x - 15))


def hump(time: float, rise: float, hold: float, fall: float) -> float:
    """0, up to 1 within `rise` seconds from time 0, there for `hold`, and back within `fall`."""
    return ease(time / rise) - ease((time - rise - hold) / fall)


def between(first: Numbers, second: Numbers, share: float) -> Numbers:
    """The values between two others: of the first where `share` is 0, of the second where it is 1."""
    # Called for every frame near a pause, and astuple would copy deeply.
    names = [item.name for item in fields(first)]
    return type(first)(*(getattr(first, n) + (getattr(second, n) - getattr(first, n)) * share for n in names))


def along(path: Path, time: float, duration: float) -> list[float]:
    """The values at `time`, where every change takes `duration` seconds. Changes that overlap add up."""
    values = path[0][1:]
    for before, after in pairwise(path):
        share = ease((time - after[0]) / duration)
        values = [value + share * (b - a) for value, a, b in zip(values, before[1:], after[1:], strict=True)]
    return values


def settle(path: Path, time: float, duration: float) -> None:
    """Drop what no longer matters from `time` on."""
    while len(path) > 1 and path[1][0] + duration <= time:
        del path[0]


def expire(events: list[list[float]], time: float) -> None:
    """Drop the events, [time, ...] each and in order, that began before `time`."""
    while events and events[0][0] < time:
        del events[0]
