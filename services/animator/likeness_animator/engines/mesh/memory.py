"""State that travels in checkpoints."""

from dataclasses import Field, dataclass, fields
from typing import Any, Self


def width(numbers: int) -> dict[str, int]:
    """Metadata of a field that holds a list of rows of so many numbers."""
    return {"width": numbers}


@dataclass(slots=True)
class Memory:
    """Base of dataclasses whose fields have defaults, and are numbers or lists of rows of a `width`."""

    def snapshot(self) -> dict[str, Any]:
        """All fields, as JSON values."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {
            name: [list(row) for row in value] if isinstance(value, list) else value for name, value in values.items()
        }

    @classmethod
    def restored(cls, state: dict[str, Any]) -> Self:
        """From a snapshot. Raises ValueError, TypeError, KeyError or OverflowError for anything else."""
        default = cls()
        return cls(**{item.name: _like(item, getattr(default, item.name), state[item.name]) for item in fields(cls)})


def _like(item: Field[Any], default: Any, value: Any) -> Any:
    if "width" not in item.metadata:
        return type(default)(value)
    result = [[float(number) for number in row] for row in value]
    if any(len(row) != item.metadata["width"] for row in result) or len(result) < len(default):
        raise ValueError(f"{item.name} has another shape")
    return result
