"""Where videos go."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from likeness_client.files import blamed_on, whole_file

STDOUT = "-"

Output = Annotated[
    str,
    typer.Option("--output", "-o", metavar="FILE", help="Video to write, .mp4 or .webm; `-` is standard output."),
]


def check_output(output: str, as_machine: bool) -> None:
    """Refuse a place that cannot take a video before anything is rendered. Raises BadParameter."""
    if output != STDOUT:
        _check_file(Path(output))
    elif as_machine:
        raise typer.BadParameter("--json and the video cannot both go to standard output", param_hint="--output")
    elif sys.stdout.isatty():
        message = "a terminal cannot show a video; pipe it on, as in `likeness say … -o - | ffplay -`"
        raise typer.BadParameter(message, param_hint="--output")


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise typer.BadParameter(f"{path} is a folder; name a file in it", param_hint="--output")
    if not path.absolute().parent.is_dir():
        raise typer.BadParameter(f"the folder {path.parent} does not exist; create it first", param_hint="--output")


@contextmanager
def target(output: str) -> Iterator[BinaryIO]:
    """The file, or standard output, that takes the video."""
    if output != STDOUT:
        with whole_file(Path(output)) as file:
            yield file
        return
    with blamed_on("standard output"):
        yield sys.stdout.buffer
