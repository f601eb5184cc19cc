"""Following a render, running or ended."""

from collections.abc import AsyncGenerator
from contextlib import nullcontext

from likeness_common.errors import NotFound, Reason
from likeness_common.media import Segment
from likeness_gateway.model import Accepted, Progress, RenderEvent
from likeness_gateway.renders.live import LiveRender


def render_not_found(render_id: str) -> NotFound:
    """The error for a render that is not, or no longer, here."""
    message = f"renders/{render_id} is not known here; it may have been removed with age"
    return NotFound(Reason.RENDER_NOT_FOUND, message, field="name")


async def watch(render: LiveRender, first: int = 0, *, attached: bool = False) -> AsyncGenerator[RenderEvent, None]:
    """Events of a render from segment `first` on: Accepted, then what there is and what comes, then the Receipt.

    Raises the render's error in place of the receipt. `attached` streams pace the render and keep it alive.
    """
    with render.log.held(), render.attached() if attached else nullcontext():
        record = render.record
        # One that has ended without a segment on record has had its files removed.
        removed = render.ended and not record.segment_count
        if record.segment_count:
            await _open(render)
        yield Accepted(record.id, record.plan, record.quote)
        place = _Place(render.log.count if removed else first)
        while True:
            event = await place.advance(render)
            if event is not None:
                yield event
                if attached and isinstance(event, Segment):
                    render.sent(event.sequence + 1)
            elif render.ended:
                break
            else:
                await render.changed.wait()
        if render.error is not None:
            raise render.error
        if render.record.receipt is not None:
            yield render.record.receipt


class _Place:
    """How far a stream has come."""

    def __init__(self, segment: int) -> None:
        self._segment = segment
        self._notices = 0
        self._progress: Progress | None = None

    async def advance(self, render: LiveRender) -> RenderEvent | None:
        """The next event, or None when there is nothing new; then nothing was awaited since it was looked at."""
        if self._notices < len(render.record.notices):
            self._notices += 1
            return render.record.notices[self._notices - 1]
        if render.latest_progress is not self._progress:
            self._progress = render.latest_progress
            return self._progress
        if self._segment < render.log.count:
            self._segment += 1
            return await render.log.read(self._segment - 1)
        return None


async def _open(render: LiveRender) -> None:
    try:
        await render.log.ensure_open()
    except FileNotFoundError:
        raise render_not_found(render.record.id) from None
