"""Renders or watches one video for the command line: shows progress, saves or streams it, says what it took."""

import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import BinaryIO

from rich.console import Console

from likeness_client.cli.outputs import STDOUT, target
from likeness_client.cli.progress import reporter
from likeness_client.cli.summary import Film, as_json, print_summary
from likeness_client.client import LikenessClient
from likeness_client.files import EventCallback, copy, pump
from likeness_client.model import Accepted, ComparisonPrice, Estimate, Notice, Receipt, RenderEvent, RenderSpec
from likeness_client.resume import ResumableRender
from likeness_common.errors import Internal, Reason

_Receiver = Callable[[BinaryIO, EventCallback], Awaitable[Receipt]]


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
    """Render `spec` into the file `output` (`-`: standard output) and say what it took."""
    # Asked before the render: the answer costs milliseconds, and a bad request is refused before the photo is sent.
    estimate = await client.estimate(replace(spec, portrait_image=b"", portrait_id=""))
    film = await _receive(partial(pump, ResumableRender(client, spec)), output, spec.output.fps)
    film = replace(film, container=spec.output.container, comparisons=_for_length(estimate, film.receipt.video_s))
    _tell(client, film, as_machine)


async def watch_into(client: LikenessClient, name: str, output: str, *, as_machine: bool = False) -> None:
    """Save an existing render and say what it took. Giving up leaves the render as it is."""
    render = ResumableRender(client, name=name)
    film = await _receive(partial(copy, render.events()), output, None)
    _tell(client, film, as_machine)


async def _receive(receive: _Receiver, output: str, fps: int | None) -> Film:
    record = _Record()
    with reporter(Console(stderr=True), fps) as show, target(output) as file:

        def on_event(event: RenderEvent) -> None:
            record(event)
            show(event)

        receipt = await receive(file, on_event)
    return Film(output, record.accepted, receipt, tuple(record.notices))


def _tell(client: LikenessClient, film: Film, as_machine: bool) -> None:
    if as_machine:
        sys.stdout.write(json.dumps(as_json(film)) + "\n")
    else:
        gateway = client.address if client.outlives_us else None
        print_summary(Console(stderr=film.output == STDOUT), replace(film, gateway=gateway))


def _for_length(estimate: Estimate, video_s: float) -> tuple[ComparisonPrice, ...]:
    """The comparison prices, which are for the estimated length, for the length that the video really has."""
    scale = video_s / estimate.speech_s if estimate.speech_s else 1.0
    return tuple(replace(price, cost_micros=round(price.cost_micros * scale)) for price in estimate.comparisons)
