"""`likeness say`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from likeness_client.cli.connect import connect
from likeness_client.cli.options import AsJson, Gateway, SpecOptions, container_for, script_text, spec_from
from likeness_client.cli.parameters import takes
from likeness_client.cli.run import run
from likeness_client.cli.speak import STDOUT, speak

app = typer.Typer(add_completion=False)

Output = Annotated[
    str,
    typer.Option("--output", "-o", metavar="FILE", help="Video to write, .mp4 or .webm; `-` is standard output."),
]


@app.command()
@takes(SpecOptions)
def say(options: SpecOptions, output: Output, gateway: Gateway = None, as_machine: AsJson = False) -> None:
    """Make a portrait say something and save the video.

    The file appears when it is complete; Ctrl-C cancels the render and leaves nothing behind.
    """
    check_output(output, as_machine)
    container = container_for(options, output)

    async def body() -> None:
        spec = spec_from(options, script_text(options), container)
        async with connect(gateway) as client:
            await speak(client, spec, output, as_machine=as_machine)

    if options.portrait is None:
        raise typer.BadParameter("name the photo that will speak, as in --portrait photo.jpg", param_hint="--portrait")
    run(body(), as_machine=as_machine)


def check_output(output: str, as_machine: bool) -> None:
    """Refuse a place that cannot take a video before anything is rendered. Raises BadParameter."""
    if output == STDOUT:
        if as_machine:
            raise typer.BadParameter("--json and the video cannot both go to standard output", param_hint="--output")
        if sys.stdout.isatty():
            raise typer.BadParameter(
                "a terminal cannot show a video; pipe it, as in `likeness say … -o - | ffplay -`", param_hint="--output"
            )
    elif not Path(output).absolute().parent.is_dir():
        raise typer.BadParameter(f"the folder {Path(output).parent} does not exist; create it", param_hint="--output")
    elif Path(output).is_dir():
        raise typer.BadParameter(f"{output} is a folder; name a file in it", param_hint="--output")
