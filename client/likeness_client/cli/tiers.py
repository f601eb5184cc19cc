"""`likeness tiers`."""

import typer

from likeness_client.cli.listing import Row, show_list
from likeness_client.cli.options import AsJson, Gateway
from likeness_client.client import LikenessClient
from likeness_client.model import TierInfo

app = typer.Typer(add_completion=False)


@app.command()
def tiers(gateway: Gateway = None, as_machine: AsJson = False) -> None:
    """List the tiers of quality, the cheapest first."""
    headings = ("tier", "works", "engine", "about")
    show_list(gateway, LikenessClient.tiers, headings, _row, as_machine=as_machine)


def _row(tier: TierInfo) -> Row:
    works = "yes" if tier.available else f"no: {tier.unavailable_reason}"
    return tier.tier.value, works, tier.engine, tier.description
