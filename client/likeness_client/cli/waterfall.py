"""A trace drawn as a waterfall: one bar a span, one colour a service, a mark for each event."""

from collections.abc import Iterator

from rich.console import Console, Group, JustifyMethod
from rich.table import Table
from rich.text import Text

from likeness_client.model import Span, SpanEvent, Trace

_COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "red")
MIN_BAR_WIDTH = 20
_GAP = 2
_HEADINGS = ("span", "service", "start", "took")
_ALIGNED: tuple[JustifyMethod, ...] = ("left", "left", "right", "right")


def print_waterfall(console: Console, trace: Trace) -> None:
    """Draw `trace` as wide as the console."""
    if not trace.spans:
        console.print(f"{trace.render} has no spans yet")
        return
    console.print(Group(_heading(trace), _bars(console, trace), Text(""), _events(trace)))


def _heading(trace: Trace) -> Text:
    total = _milliseconds(_end(trace) - _start(trace))
    return Text.assemble((trace.render, "bold"), f": {len(trace.spans)} spans in {total}\n")


def _bars(console: Console, trace: Trace) -> Table:
    colours = _colours(trace)
    rows = [_labels(trace, depth, span, colours[_owner(trace, span)]) for depth, span in _in_order(trace)]
    widths = [max(len(cell) for cell in column) for column in zip(_HEADINGS, *rows, strict=True)]
    width = max(MIN_BAR_WIDTH, console.width - sum(widths) - len(widths) * _GAP)
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for heading, justify, least in zip(_HEADINGS, _ALIGNED, widths, strict=True):
        table.add_column(heading, justify=justify, no_wrap=True, min_width=least)
    table.add_column("", no_wrap=True, min_width=width)
    for labels, (_, span) in zip(rows, _in_order(trace), strict=True):
        colour = colours[_owner(trace, span)]
        table.add_row(*labels, _bar(trace, span, width, colour, ascii_only=console.options.ascii_only))
    return table


def _labels(trace: Trace, depth: int, span: Span, colour: str) -> tuple[Text, ...]:
    """What stands left of the bar: name, service, start and length."""
    return (
        Text("  " * depth + span.name, style="bold red" if span.failed else ""),
        Text(span.service.removeprefix("likeness-"), style=colour),
        Text(_milliseconds(span.start_ns - _start(trace))),
        Text(_milliseconds(span.end_ns - span.start_ns)),
    )


def _bar(trace: Trace, span: Span, width: int, colour: str, *, ascii_only: bool) -> Text:
    block, mark = ("#", "*") if ascii_only else ("█", "◆")
    first, last = _column(trace, span.start_ns, width), _column(trace, span.end_ns, width)
    bar = Text(" " * first + block * (last - first + 1) + " " * (width - last - 1), style=colour)
    for event in span.events:
        column = _column(trace, event.time_ns, width)
        bar = bar[:column] + Text(mark, style="bold white") + bar[column + 1 :]
    return bar


def _events(trace: Trace) -> Table:
    """Every event once with its time: the marks in the bars carry no names."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    table.add_column()
    table.add_column(style="dim")
    found: list[tuple[SpanEvent, Span]] = [(event, span) for span in trace.spans for event in span.events]
    for event, span in sorted(found, key=lambda pair: pair[0].time_ns):
        table.add_row(_milliseconds(event.time_ns - _start(trace)), event.name, f"in {span.name}")
    return table


def _in_order(trace: Trace) -> Iterator[tuple[int, Span]]:
    """Each span below its parent, with its depth; spans whose parent is not here are roots."""
    known = {span.span_id for span in trace.spans}
    roots = [span for span in trace.spans if span.parent_span_id not in known]
    pending = [(0, span) for span in reversed(roots)]
    while pending:
        depth, span = pending.pop()
        yield depth, span
        children = [child for child in trace.spans if child.parent_span_id == span.span_id]
        pending.extend((depth + 1, child) for child in reversed(children))


def _colours(trace: Trace) -> dict[str, str]:
    owners = dict.fromkeys(_owner(trace, span) for span in trace.spans)
    return {owner: _COLOURS[index % len(_COLOURS)] for index, owner in enumerate(owners)}


def _owner(trace: Trace, span: Span) -> str:
    """Who gets a colour: the service, or where one process does everything, the stage that the span's name tells."""
    if any(other.service != span.service for other in trace.spans):
        return span.service
    return span.name.rpartition(".")[0]


def _column(trace: Trace, time_ns: int, width: int) -> int:
    """Column of an instant, 0 to width - 1."""
    length = max(1, _end(trace) - _start(trace))
    return min(width - 1, max(0, (time_ns - _start(trace)) * width // length))


def _start(trace: Trace) -> int:
    return min(span.start_ns for span in trace.spans)


def _end(trace: Trace) -> int:
    return max(span.end_ns for span in trace.spans)


def _milliseconds(nanoseconds: int) -> str:
    return f"{nanoseconds / 1e6:,.1f} ms"
