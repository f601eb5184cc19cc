"""`likeness export`."""

import os
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from likeness_client.cli.exits import ExitCode, describe, exit_code, exit_code_of_system
from likeness_client.cli.run import fail
from likeness_client.paths import home_from
from likeness_common.errors import LikenessError
from likeness_common.weights import WeightStore

app = typer.Typer(add_completion=False)


class Format(StrEnum):
    """What graphs can be written as."""

    ONNX = "onnx"
    COREML = "coreml"


class Size(StrEnum):
    """Sides of the pictures that weights are for."""

    SMALL = "256"
    LARGE = "512"


@app.command()
def export(
    engine: Annotated[str, typer.Argument(metavar="ENGINE", help="The engine whose networks to export: sadtalker.")],
    to: Annotated[Format, typer.Option(help="Format of the graphs.")],
    half: Annotated[bool, typer.Option("--half", help="Compute in float16 rather than float32.")] = False,
    int8: Annotated[bool, typer.Option("--int8", help="Convolve in int8 rather than float32; ONNX only.")] = False,
    size: Annotated[Size, typer.Option(help="Side of the pictures in pixels.")] = Size.SMALL,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder to write; by default one among the weights.")
    ] = None,
) -> None:
    """Write an engine's networks as a bundle for other runners, each checked against torch."""
    if half and int8:
        raise typer.BadParameter("--half and --int8 exclude each other; leave one of them out")
    precision = "float16" if half else "int8" if int8 else "float32"
    try:
        animator = import_module("likeness_animator.export")
    except ModuleNotFoundError as error:
        fail(
            f"error: exporting needs the package {error.name}; run `pip install 'likeness-animator[export]'` and try "
            "again [ENGINE_UNAVAILABLE]",
            ExitCode.UNAVAILABLE,
        )
    home = home_from(os.environ)
    name = f"{engine}-{size.value}-{to.value}{'-half' if half else '-int8' if int8 else ''}"
    folder = output or home.weights / "bundles" / name
    try:
        animator.export(
            engine, animator.Job(to.value, precision, int(size.value), folder), WeightStore(home.weights), typer.echo
        )
    except LikenessError as error:
        fail(describe(error), exit_code(error))
    except OSError as error:
        fail(f"error: {error.filename or 'file'}: {error.strerror or error}", exit_code_of_system(error))
    typer.echo(f"wrote {folder}")
