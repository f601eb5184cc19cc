"""Values of options: what people type, and what the API takes."""

import re
from dataclasses import dataclass
from decimal import Decimal

import typer

_UNITS = {"h": 3600, "m": 60, "s": 1}
_SHORTEST_S, _LONGEST_S = 1, 24 * 3600
_MOST_MICROS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


def size(text: str | Size) -> Size:
    """Width and height in pixels from `512x512`, or from `512` for a square; the default passes through here too."""
    text = str(text)
    match = re.fullmatch(r"(\d{1,5})(?:[xX](\d{1,5}))?", text.strip())
    if match is None:
        raise typer.BadParameter(f"{text!r} is not a size; write it like 512x512")
    width = int(match[1])
    return Size(width, int(match[2] or width))


def duration_s(text: str) -> float:
    """Seconds from `90`, `90s`, `1.5m` or `1h30m`."""
    if re.fullmatch(r"\d+(\.\d+)?", text.strip()):
        text = f"{text.strip()}s"
    parts = re.findall(r"(\d+(?:\.\d+)?)([hms])", text)
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        raise typer.BadParameter(f"{text!r} is not a length of time; write it like 90s, 2m or 1h30m")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if not _SHORTEST_S <= seconds <= _LONGEST_S:
        raise typer.BadParameter(f"{text!r} is not a length from 1s to 24h")
    return seconds


def cost_micros(text: str) -> int:
    """Millionths of a US dollar from `0.25` or `$0.25`."""
    try:
        dollars = Decimal(text.strip().removeprefix("$"))
        micros = int(dollars * 1_000_000)
    except (ArithmeticError, ValueError):
        micros = -1
    if not 0 <= micros <= _MOST_MICROS:
        raise typer.BadParameter(f"{text!r} is not an amount; write US dollars like 0.25")
    return micros


def gateway_address(text: str) -> str:
    """host:port from `host`, `host:port` or `http://host:port`; unix:/path stays as it is."""
    address = text.strip().removeprefix("http://").rstrip("/")
    if address.startswith("unix:") or re.search(r":\d+$", address):
        return address
    if not address or "/" in address or address.startswith("https:"):
        raise typer.BadParameter(f"{text!r} is not an address; write it like 127.0.0.1:50051")
    return f"{address}:50051"


def render_name(text: str) -> str:
    """`renders/<id>` from itself or from the bare id."""
    return text if text.startswith("renders/") else f"renders/{text}"
