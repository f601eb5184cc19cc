"""Which facts of a span are kept."""

from collections.abc import Iterable

from likeness_common.telemetry import names

KEPT = frozenset(value for value in vars(names).values() if isinstance(value, str) and value.startswith("likeness."))
"""Only our own vocabulary, which has no place for scripts, audio or portraits."""

MAX_TEXT_LENGTH = 200


def kept_attributes(attributes: Iterable[tuple[str, object]]) -> dict[str, str]:
    """The attributes that are kept, as text."""
    return {key: str(value)[:MAX_TEXT_LENGTH] for key, value in attributes if key in KEPT}
