"""Fetch weights without the full client installed: `python -m likeness_common.weights pull face [--root FOLDER]`."""

import argparse
import sys
from pathlib import Path

from likeness_common.errors import LikenessError
from likeness_common.weights import FileState, Manifest, Progress, WeightStore, default_root, load, names, required


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when every file is fine afterwards, 1 when not."""
    parser = argparse.ArgumentParser(prog="python -m likeness_common.weights", description="Model weights")
    parser.add_argument("command", choices=["pull", "verify", "list"])
    unnamed = f"one of {', '.join(names())}; when none is named, those that every render needs: {', '.join(required())}"
    parser.add_argument("models", nargs="*", metavar="MODEL", help=unnamed)
    parser.add_argument("--root", type=Path, default=default_root(), help="folder of the store (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        store = WeightStore(options.root)
        fine = [_run(options.command, store, load(name)) for name in options.models or required()]
    except LikenessError as error:
        sys.stderr.write(f"error: {error.message}\n")
        return 1
    return 0 if all(fine) else 1


def _run(command: str, store: WeightStore, manifest: Manifest) -> bool:
    if command == "pull":
        files = store.pull(manifest, _Percent(manifest.name))
    else:
        files = store.verify(manifest) if command == "verify" else store.state(manifest)
    for stored in files:
        sys.stdout.write(f"{manifest.name}  {stored.file.name}  {stored.file.size}  {stored.state.value}\n")
    fine = all(stored.state is FileState.PRESENT for stored in files)
    if not fine:
        sys.stderr.write(f"{manifest.name}: run `python -m likeness_common.weights pull {manifest.name}`\n")
    return fine


class _Percent:
    """Reports each tenth once: readable in a terminal and in a log."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tenth = -1

    def __call__(self, progress: Progress) -> None:
        tenth = progress.done * 10 // max(progress.total, 1)
        if tenth > self._tenth:
            self._tenth = tenth
            sys.stderr.write(f"{self._name}: {tenth * 10} % of {progress.total / 1e6:.0f} MB\n")


if __name__ == "__main__":
    sys.exit(main())
