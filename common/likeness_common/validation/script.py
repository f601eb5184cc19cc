"""Checks of a script that need no voice: its text, rate, pitch and pause."""

import re

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.stages.speech import MAX_SCRIPT_CHARACTERS, Script

RATE_RANGE = (0.5, 2.0)
PITCH_RANGE_SEMITONES = (-12.0, 12.0)
SENTENCE_PAUSE_RANGE_MS = (0, 5000)
SAMPLE_RATE_RANGE_HZ = (8000, 48_000)

# C0 and C1 controls but tab, line feed and carriage return; and surrogates, which are no characters at all.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def check_script(script: Script) -> None:
    """Refuse a script that no voice could read.

    Raises InvalidArgument: SCRIPT_EMPTY, SCRIPT_TOO_LONG, SCRIPT_INVALID_CHARACTER, SCRIPT_NOT_SPEAKABLE or
    FIELD_OUT_OF_RANGE. Whether the voice and its language exist is for the speech service to say.
    """
    check_text(script.text)
    check_range("script.rate", script.rate, RATE_RANGE)
    check_range("script.pitch_semitones", script.pitch_semitones, PITCH_RANGE_SEMITONES)
    check_range("script.sentence_pause_ms", script.sentence_pause_ms, SENTENCE_PAUSE_RANGE_MS)


def check_text(text: str, field: str = "script.text") -> None:
    """Refuse text that is blank, longer than 20000 code points, unprintable or without anything to say."""
    if not text.strip():
        raise InvalidArgument(Reason.SCRIPT_EMPTY, f"{field} is empty; give the words to speak", field=field)
    if len(text) > MAX_SCRIPT_CHARACTERS:
        raise InvalidArgument(
            Reason.SCRIPT_TOO_LONG,
            f"{field} has {len(text)} characters, the limit is {MAX_SCRIPT_CHARACTERS}; split it into several renders",
            field=field,
            metadata={"length": str(len(text)), "limit": str(MAX_SCRIPT_CHARACTERS)},
        )
    if found := _FORBIDDEN.search(text):
        code_point, position = f"U+{ord(found[0]):04X}", str(found.start())
        raise InvalidArgument(
            Reason.SCRIPT_INVALID_CHARACTER,
            f"{field} has the control character {code_point} at position {position}; remove it",
            field=field,
            metadata={"code_point": code_point, "position": position},
        )
    if not any(map(str.isalnum, text)):
        raise InvalidArgument(
            Reason.SCRIPT_NOT_SPEAKABLE,
            f"{field} has no letter or digit, so there is nothing to say; add words",
            field=field,
        )


def check_range(field: str, value: float, limits: tuple[float, float]) -> None:
    """Refuse a number outside `limits` (both included), and NaN."""
    low, high = limits
    if not low <= value <= high:
        raise InvalidArgument(
            Reason.FIELD_OUT_OF_RANGE, f"{field} is {value:g}; it has to be from {low:g} to {high:g}", field=field
        )
