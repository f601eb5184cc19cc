"""`likeness models`."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from likeness_client.cli.exits import ExitCode, describe, exit_code
from likeness_client.cli.listing import print_table
from likeness_client.cli.run import fail
from likeness_client.paths import home_from
from likeness_common.errors import LikenessError
from likeness_common.weights import FileState, Manifest, StoredFile, WeightStore, load, names, required
from likeness_common.weights import Progress as Fetched

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Pull, list, show and verify model weights.")

_MODELS = typer.Argument(metavar="[MODEL]...", help="Names of models; none means those that every render needs.")
_HERE = typer.Argument(metavar="[MODEL]...", help="Names of models; none means those that are here or needed.")


@app.command("list")
def list_models() -> None:
    """List the models, whether they are here, and what they may be used for."""
    store = _store()
    rows = []
    for manifest in map(load, names()):
        states = {stored.state for stored in store.state(manifest)}
        here = "yes" if states == {FileState.PRESENT} else f"no: {manifest.pull_command}"
        rows.append((manifest.name, here, f"{manifest.size / 1e6:.1f} MB", manifest.licence, manifest.permitted_use))
    print_table(("model", "here", "size", "licence", "permitted use"), rows)


@app.command()
def show(model: Annotated[str, typer.Argument(metavar="MODEL", help="Name of a model.")]) -> None:
    """Say all that is known of a model: its files, who vouches for them, and what its licence leaves open."""
    try:
        manifest = load(model)
    except LikenessError as error:
        fail(describe(error), exit_code(error))
    typer.echo("\n".join(model_sheet(manifest)))


@app.command()
def pull(models: Annotated[list[str] | None, _MODELS] = None) -> None:
    """Fetch what is missing, verify it and store it. A download that was cut goes on where it stopped."""
    _for_each(models or required(), pull_with_progress)


@app.command()
def verify(models: Annotated[list[str] | None, _HERE] = None) -> None:
    """Check every file against its SHA-256."""
    store = _store()
    here = [name for name in names() if load(name).required or store.pulled(load(name))]
    _for_each(models or here, WeightStore.verify)


def model_sheet(manifest: Manifest) -> Iterator[str]:
    """Lines about a model, for people."""
    yield f"{manifest.name}: {manifest.description}"
    yield f"  home           {manifest.homepage}"
    yield f"  from           {manifest.source.place}"
    yield f"  licence        {manifest.licence}"
    yield f"  commercial use {'yes' if manifest.commercial_use else 'no: --commercial leaves its engine out'}"
    yield f"  permitted use  {manifest.permitted_use}"
    yield from (f"  to be judged   {question}" for question in manifest.needs_judgement)
    yield f"  get it         {manifest.pull_command}"
    for file in manifest.files:
        yield f"  {file.name}"
        yield f"    size       {file.size} bytes{'' if file.size_known else ', as far as can be expected'}"
        yield f"    sha256     {file.sha256}"
        if file.provenance:
            yield f"    known from {file.provenance}"


def pull_with_progress(store: WeightStore, manifest: Manifest) -> Sequence[StoredFile]:
    """Pull one model: say what comes, then show a bar on a terminal."""
    missing = [stored.file for stored in store.state(manifest) if stored.state is not FileState.PRESENT]
    if missing:
        size = sum(file.size for file in missing)
        what = "1 file" if len(missing) == 1 else f"{len(missing)} files"
        typer.echo(f"fetching {manifest.name}: {what}, {size / 1e6:.1f} MB, from {manifest.source.place}", err=True)
        if not manifest.commercial_use:
            typer.echo(f"mind: {manifest.permitted_use} (likeness models show {manifest.name})", err=True)
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(manifest.name, total=None)

        def show(fetched: Fetched) -> None:
            bar.update(task, completed=fetched.done, total=fetched.total)

        return store.pull(manifest, show)


def _store() -> WeightStore:
    return WeightStore(home_from(os.environ).weights)


def _for_each(models: Sequence[str], work: Callable[[WeightStore, Manifest], Sequence[StoredFile]]) -> None:
    """Do `work` for each model and list its files; exits with 1 when one is not fine afterwards."""
    store = _store()
    try:
        results = [(manifest, work(store, manifest)) for manifest in map(load, models)]
    except LikenessError as error:
        fail(describe(error), exit_code(error))
    rows = [(manifest.name, stored.file.name, stored.state.value) for manifest, files in results for stored in files]
    print_table(("model", "file", "state"), rows)
    broken = [m.pull_command for m, files in results if any(stored.state is not FileState.PRESENT for stored in files)]
    if broken:
        fail(f"\nfix: {' && '.join(broken)}", ExitCode.PROBLEM)
