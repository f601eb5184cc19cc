"""What other services charge for the same length."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Price:
    """A dated price: millionths of a US dollar per second of video, read in the month `as_of` (YYYY-MM)."""

    service: str
    micros_per_second: int
    as_of: str
    source: str

    def cost_micros(self, video_us: int) -> int:
        """Price of a video, rounded up."""
        return -(-self.micros_per_second * video_us // 1_000_000)


@cache
def comparison_prices() -> Sequence[Price]:
    """The newest price of every service in prices.toml, in the file's order."""
    table = tomllib.loads((files(__package__) / "prices.toml").read_text(encoding="utf-8"))
    newest: dict[str, Price] = {}
    for price in (Price(**row) for row in table["price"]):
        known = newest.get(price.service)
        if known is None or price.as_of > known.as_of:
            newest[price.service] = price
    return tuple(newest.values())
