"""`likeness say`."""

import typer

from likeness_client.cli.connect import connect
from likeness_client.cli.options import (
    AsJson,
    Gateway,
    SpecOptions,
    container_for,
    require_portrait,
    spec_from,
)
from likeness_client.cli.outputs import Output, check_output
from likeness_client.cli.parameters import takes
from likeness_client.cli.run import run
from likeness_client.cli.speak import speak

app = typer.Typer(add_completion=False)


@app.command()
@takes(SpecOptions)
def say(options: SpecOptions, output: Output, gateway: Gateway = None, as_machine: AsJson = False) -> None:
    """Make a portrait say something and save the video.

    The file appears when it is complete; Ctrl-C cancels the render and leaves nothing behind.
    """
    require_portrait(options)
    check_output(output, as_machine)
    container = container_for(options, output)

    async def body() -> None:
        spec = spec_from(options, container)
        async with connect(gateway, warm=True) as client:
            await speak(client, spec, output, as_machine=as_machine)

    run(body(), as_machine=as_machine)
