"""`likeness demo`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from likeness_client.cli.connect import connect
from likeness_client.cli.models import pull_with_progress
from likeness_client.cli.options import AsJson, Gateway
from likeness_client.cli.run import run
from likeness_client.cli.speak import speak
from likeness_client.demo import TEXT, demo_spec, write_photo
from likeness_client.paths import home_from
from likeness_common.weights import FileState, WeightStore, load

app = typer.Typer(add_completion=False)

FACE_MODELS = "face"


@app.command()
def demo(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Video to write.")] = Path(
        "out/demo.mp4"
    ),
    gateway: Gateway = None,
    as_machine: AsJson = False,
) -> None:
    """Make a photo of an astronaut speak two sentences, to see that everything works."""

    async def body() -> None:
        output.parent.mkdir(parents=True, exist_ok=True)
        photo = output.with_name("astronaut.jpg")
        spec = demo_spec(write_photo(photo))
        if gateway is None:
            _pull_face_models()
        typer.echo(f"photo  {photo}\nsays   {TEXT}\n", err=True)
        async with connect(gateway, warm=True) as client:
            await speak(client, spec, str(output), as_machine=as_machine)

    run(body(), as_machine=as_machine)


def _pull_face_models() -> None:
    """Fetch what finding a face needs, once."""
    store, manifest = WeightStore(home_from(os.environ).weights), load(FACE_MODELS)
    if any(stored.state is not FileState.PRESENT for stored in store.state(manifest)):
        pull_with_progress(store, manifest)
