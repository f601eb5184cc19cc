"""Tables on the terminal, JSON for machines."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any


def parser(description: str) -> argparse.ArgumentParser:
    """Command line that every benchmark has."""
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--json", action="store_true", help="print JSON instead of tables")
    return arguments


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table with aligned columns."""
    cells = [list(map(str, head)), *[list(map(_text, row)) for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    print(f"\n{title}")
    for index, row in enumerate(cells):
        line = [row[0].ljust(widths[0]), *[cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]]
        print("  " + "  ".join(line))
        if index == 0:
            print("  " + "  ".join("-" * width for width in widths))


def emit_json(result: dict[str, Any]) -> None:
    """Print a result for machines."""
    json.dump(result, sys.stdout, indent=2)
    print()


def _text(value: object) -> str:
    return (
        f"{value:.3g}"
        if isinstance(value, float) and abs(value) < 100
        else (f"{value:.0f}" if isinstance(value, float) else str(value))
    )
