"""`likeness jobs`."""

import json
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from likeness_client.cli.connect import connect
from likeness_client.cli.listing import Row, plain, print_table
from likeness_client.cli.options import (
    AsJson,
    Gateway,
    RenderName,
    SpecOptions,
    require_portrait,
    spec_from,
)
from likeness_client.cli.outputs import Output, check_output
from likeness_client.cli.parameters import takes
from likeness_client.cli.run import run
from likeness_client.cli.speak import watch_into
from likeness_client.cli.summary import dollars
from likeness_client.client import LikenessClient
from likeness_client.model import Render, RenderState
from likeness_common.media import Container

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Render without waiting: create, list, get, watch and cancel."
)


@app.command()
@takes(SpecOptions)
def create(options: SpecOptions, gateway: Gateway = None, as_machine: AsJson = False) -> None:
    """Start a render that runs on the server without us; prints its name. Needs --gateway."""
    require_portrait(options)
    if gateway is None:
        message = "a job needs a server that outlives this command; start `likeness serve` and pass its address"
        raise typer.BadParameter(message, param_hint="--gateway")

    async def body() -> Render:
        spec = spec_from(options, options.container or Container.FRAGMENTED_MP4)
        async with connect(gateway, kept=True) as client:
            return await client.create(spec)

    render = run(body(), as_machine=as_machine)
    typer.echo(_json(render) if as_machine else render.name)


@app.command("list")
def list_renders(
    most: Annotated[int, typer.Option("--most", min=1, help="Show no more than this.")] = 20,
    gateway: Gateway = None,
    as_machine: AsJson = False,
) -> None:
    """List renders, the newest first."""

    async def body() -> list[Render]:
        found: list[Render] = []
        async with connect(gateway, kept=True) as client:
            async for render in client.list():
                found.append(render)
                if len(found) == most:
                    break
        return found

    renders = run(body(), as_machine=as_machine)
    if as_machine:
        typer.echo(json.dumps([asdict(render) for render in renders], default=plain))
    elif renders:
        print_table(("render", "state", "asked for", "video"), [_row(render) for render in renders])
    else:
        typer.echo("no renders yet")


@app.command()
def get(render: RenderName, gateway: Gateway = None, as_machine: AsJson = False) -> None:
    """Show where a render stands."""
    _with_client(gateway, lambda client: client.get(render), as_machine)


@app.command()
def cancel(render: RenderName, gateway: Gateway = None, as_machine: AsJson = False) -> None:
    """Stop a render. Cancelling one that has ended changes nothing."""
    _with_client(gateway, lambda client: client.cancel(render), as_machine)


@app.command()
def watch(render: RenderName, output: Output, gateway: Gateway = None, as_machine: AsJson = False) -> None:
    """Save the video of a render, waiting for its end when it still runs. Ctrl-C leaves the render running."""
    check_output(output, as_machine)

    async def body() -> None:
        async with connect(gateway, kept=True) as client:
            await watch_into(client, render, output, as_machine=as_machine)

    run(body(), as_machine=as_machine)


def _with_client(
    gateway: str | None, ask: Callable[[LikenessClient], Coroutine[Any, Any, Render]], as_machine: bool
) -> None:
    """Ask the server for one render and show it."""

    async def body() -> Render:
        async with connect(gateway, kept=True) as client:
            return await ask(client)

    render = run(body(), as_machine=as_machine)
    if as_machine:
        typer.echo(_json(render))
        return
    for label, text in _facts(render):
        typer.echo(f"{label:10} {text}")


def _facts(render: Render) -> Iterator[tuple[str, str]]:
    yield "render", render.name
    yield "state", render.state.value
    yield "asked for", _local(render.create_time)
    if render.end_time is not None:
        yield "ended", _local(render.end_time)
    yield "done by", f"{render.plan.tier.value} tier, engine {render.plan.engine}, {render.plan.speaker}"
    yield "segments", str(render.segment_count)
    yield "video", _length(render)
    yield "cost", dollars(render.receipt.cost_micros if render.receipt else render.quote.cost_micros)
    for notice in render.notices:
        yield "notice", notice.message
    if render.error_reason:
        yield "error", f"{render.error_message} [{render.error_reason}]"


def _row(render: Render) -> Row:
    return (
        render.name.removeprefix("renders/"),
        f"{render.state.value} {render.error_reason}" if render.state is RenderState.FAILED else render.state.value,
        _local(render.create_time),
        _length(render),
    )


def _length(render: Render) -> str:
    if render.receipt is not None:
        return f"{render.receipt.video_s:.1f} s"
    return f"~{render.quote.video_s:.1f} s"


def _local(time: datetime) -> str:
    return time.astimezone().strftime("%Y-%m-%d %H:%M")


def _json(render: Render) -> str:
    return json.dumps(asdict(render), default=plain)
