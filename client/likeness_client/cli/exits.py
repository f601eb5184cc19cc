"""How the command line ends: exit codes, and errors in one line."""

import errno
import re
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

_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
_HINTS = {
    Reason.LANGUAGE_UNKNOWN: " (`likeness voices` names the languages)",
    Reason.VOICE_UNKNOWN: " (see `likeness voices`)",
}

_OPTIONS = {
    "text": "TEXT",
    "script": "TEXT",
    "file": "--audio",
    "recording": "--audio",
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
    "expression": "--expression",
    "intensity": "--intensity",
    "eye_contact": "--eye-contact",
    "container": "--container",
    "crf": "--crf",
    "tier": "--tier",
    "min_tier": "--min-tier",
    "max_cost_micros": "--max-cost",
    "finish_within": "--deadline",
    "seed": "--seed",
    "consent": "--consent",
    "reference": "--consent",
    "commercial_use": "--commercial",
    "name": "RENDER",
    "gateway": "--gateway",
    "model": "MODEL",
    "output": "--output",
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


def exit_code_of_system(error: OSError) -> ExitCode:
    """The exit code for a file: one that is not there is bad input, a disk that takes no more is not."""
    return ExitCode.INTERNAL if error.errno in _DISK_ERRORS else ExitCode.INPUT


def describe(error: LikenessError) -> str:
    """One line: the option at fault, what is wrong and how to fix it, and the reason that scripts can match."""
    name = error.field.rpartition(".")[2]
    option = _OPTIONS.get(name, error.field)
    message = " ".join(error.message.split()).replace("ListVoices", "`likeness voices`")
    if option:
        # A message that begins with the path of its field begins with the option instead.
        message, named = re.subn(rf"^([a-z_]+\.)*{re.escape(name)} ", lambda _: f"{option} ", message)
        message = message if named else f"{option}: {message}"
    hint = "" if "`likeness voices`" in message else _HINTS.get(error.reason, "")
    return f"error: {message}{hint} [{error.reason.value}]"


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
