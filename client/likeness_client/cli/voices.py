"""`likeness voices`."""

import typer
from rich.console import Console
from rich.text import Text

from likeness_client.cli.listing import Row, show_list
from likeness_client.cli.options import AsJson, Gateway
from likeness_client.cli.summary import dollars
from likeness_client.client import LikenessClient
from likeness_common.stages.speech import VoiceInfo

app = typer.Typer(add_completion=False)


@app.command()
def voices(gateway: Gateway = None, as_machine: AsJson = False) -> None:
    """List the voices and the languages that they read."""
    headings = ("voice", "languages", "marks", "1000 characters", "licence", "about")
    found = show_list(gateway, LikenessClient.voices, headings, _row, as_machine=as_machine)
    if not as_machine:
        for voice in found:
            typer.echo()
            Console().print(Text.assemble((f"{voice.name} reads ", "bold"), " ".join(voice.languages)))


def _row(voice: VoiceInfo) -> Row:
    cost = voice.cost_micros_per_1000_characters
    return (
        voice.name,
        str(len(voice.languages)),
        "yes" if voice.marks else "no",
        dollars(cost) if cost else "free",
        voice.licence,
        voice.description,
    )
