"""`likeness serve`."""

import asyncio
import os
import re
import signal
from typing import Annotated

import typer

from likeness_client.cli.exits import ExitCode
from likeness_client.cli.options import DEFAULT_PORT
from likeness_client.cli.run import fail, run
from likeness_client.folder import held
from likeness_client.paths import home_from
from likeness_client.processes.child import ProgramFailed
from likeness_client.processes.ports import free_ports, is_free, is_ours
from likeness_client.processes.services import STAGES, Front, missing, programs
from likeness_client.processes.supervisor import Supervisor
from likeness_client.telemetry import otlp_endpoints
from likeness_common.settings import EXIT_USAGE

app = typer.Typer(add_completion=False)

START_TIMEOUT_S = 60.0
FLUSH_S = 5.0
"""Time that a service gets beyond its grace to flush traces and close."""

_UNREMARKABLE = re.compile(r"^(\S+ \S+ )?(DEBUG|INFO):? ")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Interface of the gateway; 0.0.0.0 is all of them.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the gateway.")] = DEFAULT_PORT,
    grace: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, max=3600, help="Time that running renders get to end.")
    ] = 30.0,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print everything that the services log.")] = False,
) -> None:
    """Run the four services on this machine until Ctrl-C or SIGTERM.

    A service that dies is started again. At the end, the gateway takes no new renders and finishes those that run;
    a second Ctrl-C ends everything at once.
    """
    _require_packages()
    _require_free(host, port)
    typer.echo("starting tts, animator, compositor and gateway ...", err=True)
    try:
        orderly = run(_supervise(Front(host, port), grace, verbose), passed_on=ProgramFailed)
    except ProgramFailed as error:
        if error.code == EXIT_USAGE:  # a setting is wrong, and the line that says so has been passed on
            raise typer.Exit(ExitCode.USAGE) from None
        for line in error.tail:
            typer.echo(f"  {line}", err=True)
        fail(f"error: {error}; what it printed is above", ExitCode.INTERNAL)
    typer.echo("stopped", err=True)
    if not orderly:
        raise typer.Exit(ExitCode.PROBLEM)


async def _supervise(front: Front, grace: float, verbose: bool) -> bool:
    """Run the services until a signal comes; whether none had to be killed."""

    def said(name: str, line: str) -> None:
        if verbose or not _UNREMARKABLE.match(line):
            typer.echo(f"{name} | {line}", err=True)

    home = home_from(os.environ)
    with held(home.data, f"`likeness serve`; pass --gateway {front.address}"):
        services = programs(front, free_ports(len(STAGES)), home, otlp_endpoints(os.environ), grace)
        supervisor = Supervisor(services, _tell, said)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, supervisor.stop)
        await supervisor.run(lambda: _say_ready(front), START_TIMEOUT_S, grace + FLUSH_S)
        return supervisor.orderly


def _require_packages() -> None:
    if lacking := missing():
        message = f"error: {', '.join(lacking)} missing; pip install 'likeness-client[embedded]' [ENGINE_UNAVAILABLE]"
        fail(message, ExitCode.UNAVAILABLE)


def _require_free(host: str, port: int) -> None:
    """Exit, blaming the option at fault, when the gateway could not listen there."""
    if not is_ours(host):
        message = f"error: --host: {host} is no address of this machine; use 127.0.0.1, or 0.0.0.0 for all that it has"
        fail(message, ExitCode.UNAVAILABLE)
    if not is_free(host, port):
        fail(f"error: --port: cannot listen on {host} port {port}; choose another with --port", ExitCode.UNAVAILABLE)


def _tell(name: str, line: str) -> None:
    typer.echo(f"{name} {line}", err=True)


def _say_ready(front: Front) -> None:
    typer.echo(f"likeness is ready on {front.address} (Ctrl-C stops it)")
    typer.echo(f'  likeness say "Hello." --portrait photo.jpg -o hello.mp4 --gateway {front.address}')
    typer.echo(f"  grpcurl -plaintext {front.address} likeness.gateway.v1.RenderService/ListVoices")
