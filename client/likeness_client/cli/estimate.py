"""`likeness estimate`."""

import json
from dataclasses import asdict

import typer

from likeness_client.cli.connect import connect
from likeness_client.cli.listing import Row, plain, print_table
from likeness_client.cli.options import AsJson, Gateway, SpecOptions, spec_from
from likeness_client.cli.parameters import takes
from likeness_client.cli.run import run
from likeness_client.cli.summary import dollars
from likeness_client.model import ComparisonPrice, Estimate, TierEstimate
from likeness_common.media import Container

app = typer.Typer(add_completion=False)


@app.command()
@takes(SpecOptions)
def estimate(options: SpecOptions, gateway: Gateway = None, as_machine: AsJson = False) -> None:
    """Show what a video would take and cost at every tier, and what others charge. The portrait may be left out."""

    async def body() -> Estimate:
        container = options.container or Container.FRAGMENTED_MP4
        spec = spec_from(options, container)
        async with connect(gateway) as client:
            return await client.estimate(spec)

    found = run(body(), as_machine=as_machine)
    if as_machine:
        typer.echo(json.dumps(asdict(found), default=plain))
        return
    what = f"{found.characters} characters" if found.characters else "a recording"
    typer.echo(f"{what}, about {found.speech_s:.1f} s of video\n")
    print_table(("tier", "cost", "rendered in", "engine", "place"), [_tier_row(tier) for tier in found.tiers])
    if found.comparisons:
        typer.echo("\nthe same length elsewhere")
        print_table(("service", "cost", "read in", "source"), [_price_row(price) for price in found.comparisons])


def _tier_row(found: TierEstimate) -> Row:
    if found.plan is None or found.quote is None:
        return found.tier.tier.value, "-", "-", found.tier.engine, f"not here: {found.tier.unavailable_reason}"
    return (
        found.tier.tier.value,
        dollars(found.quote.cost_micros),
        f"about {found.quote.render_s:.1f} s",
        found.plan.engine,
        found.plan.pool,
    )


def _price_row(price: ComparisonPrice) -> Row:
    return price.service, dollars(price.cost_micros), price.as_of, price.source
