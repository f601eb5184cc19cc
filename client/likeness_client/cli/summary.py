"""What a render took, as a table for people and as JSON for machines."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from likeness_client.model import Accepted, ComparisonPrice, Notice, Receipt, RenderSpec
from likeness_common.media import Container


def dollars(micros: int) -> str:
    """An amount such as $0.25; four digits when cents would hide it."""
    amount = micros / 1e6
    return f"${amount:.2f}" if micros % 10_000 == 0 or amount >= 1 else f"${amount:.4f}"


def milliseconds(seconds: float) -> str:
    """A length of time such as 312 ms."""
    return f"{seconds * 1000:,.0f} ms"


def print_summary(
    console: Console,
    spec: RenderSpec,
    accepted: Accepted,
    receipt: Receipt,
    comparisons: Sequence[ComparisonPrice],
    place: str,
) -> None:
    """Print what a render took; `place` says where the video is."""
    console.print(Group(_facts(spec, accepted, receipt, comparisons, place), Text(""), _stages(receipt)))


def _facts(
    spec: RenderSpec, accepted: Accepted, receipt: Receipt, comparisons: Sequence[ComparisonPrice], place: str
) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    plan = accepted.plan
    rows = [
        ("video", place),
        ("", f"{receipt.video_s:.2f} s, {receipt.frame_count} frames, {receipt.byte_count / 1e6:.2f} MB"),
        ("rendered by", f"{plan.tier.value} tier, engine {plan.engine}, voice {plan.voice}, pool {plan.pool}"),
        ("first segment", f"{milliseconds(receipt.first_segment_s)} after the request{_when_sent(spec)}"),
        ("rendered in", f"{receipt.render_s:.2f} s: {_speed(receipt)}"),
        ("cost", f"{dollars(receipt.cost_micros)} (quoted {dollars(receipt.quoted.cost_micros)})"),
        *_elsewhere(comparisons),
        ("trace", f"likeness trace {accepted.render.removeprefix('renders/')}"),
    ]
    for label, text in rows:
        table.add_row(label, Text(text))
    return table


def _when_sent(spec: RenderSpec) -> str:
    if spec.output.container is Container.FRAGMENTED_MP4:
        return ""
    return f" ({spec.output.container.value} is sent when it is finished; --container fmp4 streams)"


def _speed(receipt: Receipt) -> str:
    factor = receipt.real_time_factor
    return f"{1 / factor:.1f}x real time (RTF {factor:.2f})" if factor else "RTF 0"


def _elsewhere(comparisons: Sequence[ComparisonPrice]) -> list[tuple[str, str]]:
    labels = ["the same length elsewhere", *[""] * len(comparisons)]
    return [
        (label, f"{dollars(price.cost_micros)} {price.service} ({price.as_of})")
        for label, price in zip(labels, comparisons, strict=False)
    ]


def _stages(receipt: Receipt) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
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


def as_json(
    accepted: Accepted,
    receipt: Receipt,
    notices: Sequence[Notice],
    comparisons: Sequence[ComparisonPrice],
    output: str,
) -> dict[str, object]:
    """The same for machines. Amounts are in millionths of a US dollar, times in seconds."""
    return {
        "output": output,
        "render": accepted.render,
        "plan": {**asdict(accepted.plan), "tier": accepted.plan.tier.value},
        "receipt": asdict(receipt),
        "notices": [asdict(notice) for notice in notices],
        "comparisons": [asdict(price) for price in comparisons],
    }
