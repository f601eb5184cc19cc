"""State that travels in checkpoints."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(slots=True)
class Memory:
    """Base of dataclasses whose fields are numbers, or lists of lists of numbers, all with defaults."""

    def snapshot(self) -> dict[str, Any]:
        """All fields, as JSON values."""
        return asdict(self)

    @classmethod
    def restored(cls, state: dict[str, Any]) -> Self:
        """From a snapshot. Raises ValueError, TypeError, KeyError or OverflowError for anything else."""
        default = cls()
        values = {item.name: _like(getattr(default, item.name), state[item.name]) for item in fields(cls)}
        return cls(**values)


def _like(default: Any, value: Any) -> Any:
    if isinstance(default, list):
        rows = [[float(number) for number in row] for row in value]
        if default and {len(row) for row in rows} != {len(default[0])}:
            raise ValueError("a list of another shape")
        return rows
    return type(default)(value)
