"""What a render took, as a table for people and as JSON for machines."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from likeness_client.cli.outputs import STDOUT
from likeness_client.model import Accepted, ComparisonPrice, Notice, Receipt
from likeness_common.media import Container

_LABEL_WIDTH = len("first segment  ")


@dataclass(frozen=True)
class Film:
    """A finished render: where it went, how it was done and what it took. What is not known stays empty."""

    output: str
    accepted: Accepted
    receipt: Receipt
    notices: tuple[Notice, ...] = ()
    container: Container | None = None
    comparisons: tuple[ComparisonPrice, ...] = ()
    gateway: str | None = None


def dollars(micros: int) -> str:
    """An amount such as $0.25; four digits when cents would hide it."""
    return f"${micros / 1e6:.2f}" if micros == 0 or micros >= 10_000 else f"${micros / 1e6:.4f}"


def milliseconds(seconds: float) -> str:
    """A length of time such as 312 ms."""
    return f"{seconds * 1000:,.0f} ms"


def print_summary(console: Console, film: Film) -> None:
    """Print what a render took, ending with where the video is."""
    console.print(_stages(film.receipt))
    console.print()
    for label, text in _facts(film):
        # Never wrapped: paths and commands are there to be copied.
        console.print(Text.assemble((label.ljust(_LABEL_WIDTH), "bold"), text), soft_wrap=True)


def _stages(receipt: Receipt) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("stage")
    for heading in ("first output after", "computing", "RTF", "cost"):
        table.add_column(heading, justify="right")
    for usage in receipt.stages:
        table.add_row(
            usage.stage,
            milliseconds(usage.first_output_s),
            milliseconds(usage.busy_s),
            f"{usage.real_time_factor:.3f}",
            dollars(usage.cost_micros),
        )
    return table


def _facts(film: Film) -> Iterator[tuple[str, str]]:
    plan, receipt = film.accepted.plan, film.receipt
    yield "done by", f"{plan.tier.value} tier, engine {plan.engine}, {plan.speaker}, pool {plan.pool}"
    yield "first segment", f"{milliseconds(receipt.first_segment_s)} after the request{_when_sent(film)}"
    yield "all of it", f"{receipt.render_s:.2f} s for {receipt.video_s:.2f} s of video: {_speed(receipt)}"
    yield "cost", f"{dollars(receipt.cost_micros)} (quoted {dollars(receipt.quoted.cost_micros)})"
    for price in film.comparisons:
        yield "", f"{dollars(price.cost_micros)} for the same length from {price.service} ({price.as_of})"
    at = f" --gateway {film.gateway}" if film.gateway else ""
    yield "trace", f"likeness trace {film.accepted.render.removeprefix('renders/')}{at}"
    place = "standard output" if film.output == STDOUT else film.output
    yield "video", f"{place} ({receipt.frame_count} frames, {receipt.byte_count / 1e6:.2f} MB)"


def _when_sent(film: Film) -> str:
    if film.container in (None, Container.FRAGMENTED_MP4):
        return ""
    return f" (a finished {film.container.value}; --container fmp4 streams while it renders)"


def _speed(receipt: Receipt) -> str:
    factor = receipt.real_time_factor
    return f"{1 / factor:.1f}x real time (RTF {factor:.2f})" if factor else "RTF 0"


def as_json(film: Film) -> dict[str, object]:
    """The same for machines. Amounts are in millionths of a US dollar, times in seconds."""
    plan = film.accepted.plan
    return {
        "output": film.output,
        "render": film.accepted.render,
        "plan": {**asdict(plan), "tier": plan.tier.value},
        "receipt": asdict(film.receipt),
        "notices": [asdict(notice) for notice in film.notices],
        "comparisons": [asdict(price) for price in film.comparisons],
    }
