"""`likeness trace`."""

import json
from dataclasses import asdict

import typer
from rich.console import Console

from likeness_client.cli.connect import connect
from likeness_client.cli.options import AsJson, Gateway, RenderName
from likeness_client.cli.run import run
from likeness_client.cli.waterfall import print_waterfall

app = typer.Typer(add_completion=False)


@app.command()
def trace(render: RenderName, gateway: Gateway = None, as_machine: AsJson = False) -> None:
    """Show where the time of a render went: a bar for each span, a mark for each event."""

    async def body() -> None:
        async with connect(gateway, kept=True) as client:
            found = await client.trace(render)
        if as_machine:
            typer.echo(json.dumps(asdict(found)))
        else:
            print_waterfall(Console(), found)

    run(body(), as_machine=as_machine)
