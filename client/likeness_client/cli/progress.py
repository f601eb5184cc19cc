"""Shows a running render: a bar on a terminal, a few plain lines anywhere else. Always on stderr."""

from abc import abstractmethod
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from likeness_client.model import Accepted, Notice, RenderEvent
from likeness_client.model import Progress as RenderProgress
from likeness_common.media import Segment


class Reporter(AbstractContextManager["Reporter"]):
    """Is told every event of a render."""

    @abstractmethod
    def __call__(self, event: RenderEvent) -> None:
        """Show `event`, if it is worth showing."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""


def reporter(console: Console, fps: int | None) -> Reporter:
    """The reporter that suits `console`, for a video of `fps` frames per second (None: not known)."""
    return BarReporter(console, fps) if console.is_terminal else LineReporter(console, fps)


class BarReporter(Reporter):
    """A progress bar that goes away when the render ends."""

    def __init__(self, console: Console, fps: int | None) -> None:
        self._fps = fps
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=None, detail="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """See Reporter."""
        self._bar.stop()

    def __call__(self, event: RenderEvent) -> None:
        """See Reporter."""
        match event:
            case Accepted():
                self._bar.update(self._task, description="rendering")
            case RenderProgress():
                self._bar.update(
                    self._task,
                    total=max(event.frames_expected, event.frames_done) or None,
                    completed=event.frames_done,
                    detail=_speed(event, self._fps),
                )
            case Notice():
                self._bar.console.print(f"notice: {event.message}", markup=False, highlight=False)


class LineReporter(Reporter):
    """One line for the start, for each notice and for every quarter of the render."""

    def __init__(self, console: Console, fps: int | None) -> None:
        self._console = console
        self._fps = fps
        self._quarter = 0

    def __call__(self, event: RenderEvent) -> None:
        """See Reporter."""
        match event:
            case Accepted():
                plan = event.plan
                self._say(f"{event.render}: {plan.tier.value} tier, engine {plan.engine}, {plan.speaker}")
            case Notice():
                self._say(f"notice: {event.message}")
            case Segment(sequence=0) if self._quarter < 4:  # files that are sent when done come after all frames
                self._say("first bytes received")
            case RenderProgress():
                self._quarters(event)

    def _quarters(self, progress: RenderProgress) -> None:
        expected = max(progress.frames_expected, progress.frames_done, 1)
        quarter = progress.frames_done * 4 // expected
        if quarter > self._quarter:
            self._quarter = quarter
            self._say(
                f"{quarter * 25} %: {progress.frames_done} of about {expected} frames "
                f"after {progress.elapsed_s:.1f} s{_speed(progress, self._fps, ', ')}"
            )

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def _speed(progress: RenderProgress, fps: int | None, before: str = "") -> str:
    """Speed against real time, once there is something to measure."""
    if fps is None or not progress.frames_done or progress.elapsed_s <= 0:
        return ""
    return f"{before}{progress.frames_done / fps / progress.elapsed_s:.1f}x real time"
