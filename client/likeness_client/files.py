"""Videos as files: whole or not there at all."""

import errno
import uuid
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import BinaryIO

from likeness_client.client import LikenessClient
from likeness_client.model import EventStream, Receipt, RenderEvent, RenderSpec
from likeness_client.resume import DEFAULT_POLICY, ResumableRender, RetryPolicy
from likeness_common.errors import Internal, Reason
from likeness_common.media import Segment

EventCallback = Callable[[RenderEvent], None]


def _ignore(_: RenderEvent) -> None:
    """Events that nobody watches."""


async def render_to_file(
    client: LikenessClient,
    spec: RenderSpec,
    path: Path,
    on_event: EventCallback = _ignore,
    policy: RetryPolicy = DEFAULT_POLICY,
) -> Receipt:
    """Render `spec` into `path`, over dropped connections, and return what it took.

    The file appears when it is complete and checked; on any error, cancellation included, the render is cancelled,
    nothing is left behind, and a file that was there before stays as it was. Raises LikenessError, or OSError when
    the file cannot be written.

    A server that outlives this process is asked to go on while the connection is down, so that the render can be taken
    up again. A process that is killed (SIGKILL, power) therefore leaves its render running there to its end: the
    Accepted event names it for `LikenessClient.cancel` or `likeness jobs cancel`. LikenessClient.render with
    OnDisconnect.CANCEL has it the other way round.
    """
    render = ResumableRender(client, spec, policy=policy)
    with whole_file(path) as file:
        return await pump(render, file, on_event)


async def pump(render: ResumableRender, file: BinaryIO, on_event: EventCallback = _ignore) -> Receipt:
    """Write a render's segments to `file` as they come; cancels the render when anything goes wrong on the way."""
    try:
        return await copy(render.events(), file, on_event)
    except BaseException:
        await render.cancel()
        raise


async def copy(events: EventStream, file: BinaryIO, on_event: EventCallback = _ignore) -> Receipt:
    """Write the segments among `events` to `file` and return the receipt at their end."""
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Segment):
                file.write(event.data)
                file.flush()
            on_event(event)
            if isinstance(event, Receipt):
                return event
    raise Internal(Reason.STREAM_PROTOCOL, "the stream ended without a receipt")


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when the block ends well and vanishes when it does not.

    Devices and pipes are written to directly, since they cannot be replaced. An OSError of the block, such as that of a
    full disk, names the file.
    """
    with blamed_on(str(path)):
        yield from _whole_file(path.resolve())


@contextmanager
def blamed_on(name: str) -> Iterator[None]:
    """Writing to an open file fails without saying which one: let such an OSError name `name`."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or name
        raise


def _whole_file(path: Path) -> Iterator[BinaryIO]:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder; name a file in it", str(path))
    if path.exists() and not path.is_file():
        with path.open("wb") as device:
            yield device
        return
    partial = path.with_name(f".likeness-{uuid.uuid4().hex}.part")
    try:
        with partial.open("xb") as file:
            yield file
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
