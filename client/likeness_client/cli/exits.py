"""How the command line ends: exit codes, and errors in one line."""

from enum import IntEnum

from likeness_common.errors import (
    Cancelled,
    DeadlineExceeded,
    Internal,
    LikenessError,
    Reason,
    Unavailable,
)
from likeness_common.settings import InvalidSettings


class ExitCode(IntEnum):
    """Documented in docs/cli.md; scripts may rely on them."""

    OK = 0
    PROBLEM = 1
    USAGE = 2
    INPUT = 3
    UNAVAILABLE = 4
    DEADLINE = 5
    INTERNAL = 6
    INTERRUPTED = 130


_BUSY_REASONS = {Reason.SERVER_BUSY, Reason.SERVER_DRAINING, Reason.ENGINE_UNAVAILABLE, Reason.SERVICE_UNREACHABLE}

_OPTIONS = {
    "text": "TEXT",
    "script": "TEXT",
    "language": "--language",
    "voice": "--voice",
    "rate": "--rate",
    "pitch_semitones": "--pitch",
    "sentence_pause_ms": "--pause",
    "portrait": "--portrait",
    "portrait_image": "--portrait",
    "portrait_id": "--portrait",
    "width": "--size",
    "height": "--size",
    "fps": "--fps",
    "framing": "--framing",
    "container": "--container",
    "crf": "--crf",
    "tier": "--tier",
    "min_tier": "--min-tier",
    "max_cost_micros": "--max-cost",
    "finish_within": "--deadline",
    "seed": "--seed",
    "consent": "--consent",
    "commercial_use": "--commercial",
    "name": "RENDER",
    "gateway": "--gateway",
    "model": "MODEL",
}
"""Request fields by the option that sets them."""


def exit_code(error: LikenessError) -> ExitCode:
    """The exit code that tells a script what kind of error it was."""
    if isinstance(error, InvalidSettings):
        return ExitCode.USAGE
    if error.reason in _BUSY_REASONS or isinstance(error, Unavailable):
        return ExitCode.UNAVAILABLE
    if isinstance(error, DeadlineExceeded):
        return ExitCode.DEADLINE
    if isinstance(error, Cancelled):
        return ExitCode.INTERRUPTED
    if isinstance(error, Internal):
        return ExitCode.INTERNAL
    return ExitCode.INPUT


def describe(error: LikenessError) -> str:
    """One line: the option at fault, what is wrong and how to fix it, and the reason that scripts can match."""
    option = _OPTIONS.get(error.field.rpartition(".")[2], error.field)
    message = " ".join(error.message.split())
    return f"error: {f'{option}: ' if option else ''}{message} [{error.reason.value}]"


def as_json(error: LikenessError) -> dict[str, object]:
    """The same for machines."""
    return {
        "error": {
            "reason": error.reason.value,
            "message": error.message,
            "field": error.field,
            "exit_code": int(exit_code(error)),
            "metadata": error.metadata,
        }
    }
