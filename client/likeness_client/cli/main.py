"""Entry point of `likeness`. Each command's module is imported only when that command runs."""

import os
from importlib import import_module, metadata
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

COMMANDS = {
    "say": "Make a portrait say something and save the video.",
    "demo": "Make a photo of an astronaut speak, to see that everything works.",
    "serve": "Run the four services on this machine.",
    "estimate": "Show what a video would take and cost, without rendering it.",
    "jobs": "Render without waiting: create, list, get, watch and cancel.",
    "trace": "Show where the time of a render went.",
    "voices": "List the voices.",
    "engines": "List the engines.",
    "tiers": "List the tiers of quality.",
    "models": "Pull, list and verify model weights.",
    "export": "Write an engine's networks for ONNX Runtime or Core ML.",
    "doctor": "Check that this machine can render.",
}
_EPILOG = (
    "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 unavailable or busy, 5 deadline exceeded, 6 internal error, "
    "130 interrupted."
)


class _LazyGroup(TyperGroup):
    """Lists commands from the table above and imports one only to run it, so that help and completion are quick."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that `args` name; the signature is that of the overridden method."""
        if args and args[0] in COMMANDS:
            module = import_module(f"likeness_client.cli.{args[0]}")
            self.add_command(get_command(module.app), args[0])
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="likeness",
    cls=_LazyGroup,
    help="Make a portrait speak: a script and one photo in, a video of that person speaking out.",
    epilog=_EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _unloaded() -> None:
    """Stands in the help for a command that has not been imported."""


for _name, _help in COMMANDS.items():
    app.command(_name, help=_help)(_unloaded)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"likeness {metadata.version('likeness-client')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Keep `likeness` a group of commands; the callback of `version` does all that this is for."""


def main() -> None:
    """Run the command line."""
    # gRPC reads this when it is loaded; its own log says nothing that our errors do not say better.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    app()
