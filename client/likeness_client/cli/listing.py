"""Lists of things: a table for people, JSON for machines."""

import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict
from enum import Enum
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from likeness_client.cli.connect import connect
from likeness_client.cli.run import run
from likeness_client.client import LikenessClient

Row = Sequence[str]


def show_list(
    gateway: str | None,
    fetch: Callable[[LikenessClient], Coroutine[Any, Any, Sequence[Any]]],
    headings: Row,
    row: Callable[[Any], Row],
    *,
    as_machine: bool,
) -> Sequence[Any]:
    """Fetch dataclasses from the server, print one line each, and return them."""

    async def body() -> Sequence[Any]:
        async with connect(gateway) as client:
            return await fetch(client)

    found = run(body(), as_machine=as_machine)
    if as_machine:
        typer.echo(json.dumps([asdict(item) for item in found], default=plain))
    else:
        print_table(headings, [row(item) for item in found])
    return found


def print_table(headings: Row, rows: Sequence[Row]) -> None:
    """Print rows under headings."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for column, heading in enumerate(headings):
        # The first one names the thing and is there to be copied.
        table.add_column(heading, overflow="fold", no_wrap=column == 0)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def plain(value: object) -> object:
    """What JSON does not know: enums by value, times in ISO 8601."""
    return value.value if isinstance(value, Enum) else str(value)
