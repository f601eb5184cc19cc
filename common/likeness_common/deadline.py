"""One deadline per render, carried down to every call made for it."""

import time
from contextvars import ContextVar

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def set_deadline(seconds: float | None) -> None:
    """Let the work of this task, and of tasks it starts, end within `seconds` from now; None lifts the limit."""
    _deadline.set(None if seconds is None else time.monotonic() + seconds)


def remaining() -> float | None:
    """Seconds left (at least 0), or None without a deadline. Pass it as `timeout` of outgoing calls."""
    deadline = _deadline.get()
    return None if deadline is None else max(0.0, deadline - time.monotonic())
