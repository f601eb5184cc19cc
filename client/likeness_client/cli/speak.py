"""Renders one video for the command line: shows progress, saves or streams it, says what it took."""

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from rich.console import Console

from likeness_client.cli.progress import reporter
from likeness_client.cli.summary import as_json, print_summary
from likeness_client.client import LikenessClient
from likeness_client.files import pump, whole_file
from likeness_client.model import Accepted, Notice, RenderEvent, RenderSpec
from likeness_client.resume import ResumableRender
from likeness_common.errors import Internal, Reason

STDOUT = "-"


class _Record:
    """Keeps what the summary needs of a render's events."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self._accepted: Accepted | None = None

    @property
    def accepted(self) -> Accepted:
        """What opened the stream."""
        if self._accepted is None:
            raise Internal(Reason.STREAM_PROTOCOL, "the stream did not say which render it is")
        return self._accepted

    def __call__(self, event: RenderEvent) -> None:
        if isinstance(event, Accepted):
            self._accepted = event
        elif isinstance(event, Notice):
            self.notices.append(event)


async def speak(client: LikenessClient, spec: RenderSpec, output: str, *, as_machine: bool = False) -> None:
    """Render `spec` into the file `output` (`-`: standard output) and print what it took."""
    stderr = Console(stderr=True)
    record = _Record()
    estimate = await client.estimate(replace(spec, portrait_image=b"", portrait_id=""))
    with reporter(stderr, spec.output.fps) as show, _target(output) as file:

        def on_event(event: RenderEvent) -> None:
            record(event)
            show(event)

        receipt = await pump(ResumableRender(client, spec), file, on_event)
    comparisons = estimate.comparisons
    if as_machine:
        document = as_json(record.accepted, receipt, record.notices, comparisons, output)
        sys.stdout.write(json.dumps(document) + "\n")
    else:
        console = stderr if output == STDOUT else Console()
        place = "written to standard output" if output == STDOUT else output
        print_summary(console, spec, record.accepted, receipt, comparisons, place)


def _target(output: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdout.buffer) if output == STDOUT else whole_file(Path(output))
