"""`likeness models`."""

import os
from collections.abc import Callable, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from likeness_client.cli.exits import ExitCode, describe, exit_code
from likeness_client.cli.listing import print_table
from likeness_client.cli.run import fail
from likeness_client.paths import home_from
from likeness_common.errors import LikenessError
from likeness_common.weights import FileState, Manifest, StoredFile, WeightStore, load, names
from likeness_common.weights import Progress as Fetched

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Pull, list and verify model weights.")

Models = Annotated[list[str] | None, typer.Argument(metavar="[MODEL]...", help="Names of models; none means all.")]


@app.command("list")
def list_models() -> None:
    """List the models, whether they are here, and what they may be used for."""
    store = WeightStore(home_from(os.environ).weights)
    rows = []
    for manifest in map(load, names()):
        states = {stored.state for stored in store.state(manifest)}
        here = "yes" if states == {FileState.PRESENT} else f"no: {manifest.pull_command}"
        rows.append((manifest.name, here, f"{manifest.size / 1e6:.1f} MB", manifest.licence, manifest.permitted_use))
    print_table(("model", "here", "size", "licence", "permitted use"), rows)


@app.command()
def pull(models: Models = None) -> None:
    """Fetch what is missing, verify it and store it."""
    _for_each(models, pull_with_progress)


@app.command()
def verify(models: Models = None) -> None:
    """Check every file against its SHA-256."""
    _for_each(models, WeightStore.verify)


def pull_with_progress(store: WeightStore, manifest: Manifest) -> Sequence[StoredFile]:
    """Pull one model, with a bar on a terminal."""
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(manifest.name, total=None)

        def show(fetched: Fetched) -> None:
            bar.update(task, completed=fetched.done, total=fetched.total)

        return store.pull(manifest, show)


def _for_each(models: list[str] | None, work: Callable[[WeightStore, Manifest], Sequence[StoredFile]]) -> None:
    """Do `work` for each model and list its files; exits with 1 when one is not fine afterwards."""
    store = WeightStore(home_from(os.environ).weights)
    try:
        results = [(manifest, work(store, manifest)) for manifest in map(load, models or names())]
    except LikenessError as error:
        fail(describe(error), exit_code(error))
    rows = [(manifest.name, stored.file.name, stored.state.value) for manifest, files in results for stored in files]
    print_table(("model", "file", "state"), rows)
    broken = [m.pull_command for m, files in results if any(stored.state is not FileState.PRESENT for stored in files)]
    if broken:
        fail(f"\nfix: {' && '.join(broken)}", ExitCode.PROBLEM)
