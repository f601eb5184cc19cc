"""`likeness doctor`."""

import asyncio
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from likeness_client.cli import values
from likeness_client.cli.exits import ExitCode
from likeness_client.cli.options import DEFAULT_PORT, AsJson
from likeness_client.cli.run import run
from likeness_client.doctor import Finding, machine_findings, software_findings
from likeness_client.paths import home_from
from likeness_client.processes.health import serves, until_serving
from likeness_common.errors import Reason, Unavailable

app = typer.Typer(add_completion=False)

WAIT_LIMIT_S = 60.0


@app.command()
def doctor(
    wait_for: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            parser=values.gateway_address,
            help="Check nothing, but wait up to a minute until the server there is ready.",
        ),
    ] = None,
    as_machine: AsJson = False,
) -> None:
    """Check that this machine can render; exits with 1 when something has to be fixed."""
    if wait_for is not None:
        _wait_for(wait_for)
        return
    findings = []
    for finding in _findings():
        findings.append(finding)
        if not as_machine:
            _print(finding)
    problems = sum(not finding.ok for finding in findings)
    if as_machine:
        typer.echo(json.dumps([{**asdict(finding), "ok": finding.ok} for finding in findings]))
    elif problems:
        typer.echo(f"\n{problems} to fix")
    else:
        typer.echo("\nready to render; try: likeness demo")
    if problems:
        raise typer.Exit(ExitCode.PROBLEM)


def _findings() -> Iterator[Finding]:
    home = home_from(os.environ)
    yield from software_findings(home)
    yield from machine_findings(home, DEFAULT_PORT, served=run(serves(f"127.0.0.1:{DEFAULT_PORT}")))


def _print(finding: Finding) -> None:
    state = Text("ok      ", "green") if finding.ok else Text("problem ", "bold red")
    console = Console(highlight=False, soft_wrap=True)
    console.print(state + Text(f"{finding.subject}: {finding.detail}"))
    if finding.fix:
        console.print(Text(f"        fix: {finding.fix}"))


def _wait_for(address: str) -> None:
    async def body() -> None:
        try:
            async with asyncio.timeout(WAIT_LIMIT_S):
                await until_serving(address)
        except TimeoutError:
            message = f"nothing serves at {address} after {WAIT_LIMIT_S:.0f} s; look at what `likeness serve` says"
            raise Unavailable(Reason.SERVICE_UNREACHABLE, message) from None

    run(body())
    typer.echo(f"{address} is ready")
