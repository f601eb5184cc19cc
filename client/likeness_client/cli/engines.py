"""`likeness engines`."""

import typer

from likeness_client.cli.listing import Row, show_list
from likeness_client.cli.options import AsJson, Gateway
from likeness_client.client import LikenessClient
from likeness_common.stages.animator import EngineInfo

app = typer.Typer(add_completion=False)


@app.command()
def engines(gateway: Gateway = None, as_machine: AsJson = False) -> None:
    """List the engines that animate portraits."""
    headings = ("engine", "works", "RTF", "memory", "licences", "about")
    show_list(gateway, LikenessClient.engines, headings, _row, as_machine=as_machine)


def _row(engine: EngineInfo) -> Row:
    return (
        engine.name,
        "yes" if engine.available else f"no: {engine.unavailable_reason}",
        f"about {engine.expected_rtf:.2f}",
        f"{engine.memory_mib} MiB",
        _licences(engine),
        engine.description,
    )


def _licences(engine: EngineInfo) -> str:
    licences = ", ".join(dict.fromkeys((engine.code_licence, *engine.weight_licences)))
    return f"{licences}; not cleared for commercial use" if engine.commercial_restriction else licences
