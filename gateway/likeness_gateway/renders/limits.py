"""How much the gateway takes on, and how long it remembers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """`concurrent` renders run and `queued` wait for a slot; ended ones are kept for `keep_s`, within both maxima.

    A caller that takes no segment for `stall_s` loses its render.
    """

    concurrent: int = 4
    queued: int = 16
    keep_s: float = 24 * 3600.0
    keep_bytes: int = 10 * 1024**3
    keep_records: int = 10_000
    sweep_every_s: float = 60.0
    stall_s: float = 60.0
