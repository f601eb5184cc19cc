"""Where a command's requests go."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import typer

from likeness_client.client import LikenessClient
from likeness_client.folder import FolderTaken
from likeness_client.paths import home_from
from likeness_client.resume import is_dropped
from likeness_common.errors import LikenessError, Reason, Unavailable


@asynccontextmanager
async def connect(gateway: str | None, *, warm: bool = False, kept: bool = False) -> AsyncIterator[LikenessClient]:
    """A client of the server at `gateway`, or without one of a gateway that runs in this process.

    For the latter, `warm` loads the models beforehand, and `kept` says that the command is about renders of earlier
    commands, so that their data folder is needed and no other will do.
    """
    if gateway is None:
        async with AsyncExitStack() as stack:
            yield await _embedded(stack, warm, kept)
        return
    async with LikenessClient(gateway) as client:
        try:
            yield client
        except LikenessError as error:
            raise (_unreachable(gateway) if is_dropped(error) else error) from None


async def _embedded(stack: AsyncExitStack, warm: bool, kept: bool) -> LikenessClient:
    from likeness_client.embedded import embedded_client  # noqa: PLC0415 - a second of engines that few commands need

    home = home_from(os.environ)
    with _native_chatter_hidden():
        try:
            return await stack.enter_async_context(embedded_client(home, warm=warm))
        except FolderTaken as error:
            if kept:
                raise
            typer.echo(f"note: {error.message}; meanwhile this command keeps nothing", err=True)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="likeness-"))
        return await stack.enter_async_context(embedded_client(replace(home, data=Path(folder)), warm=warm))


@contextmanager
def _native_chatter_hidden() -> Iterator[None]:
    """Hold back what native libraries print to stderr while they load, and pass on all but TensorFlow Lite's INFO."""
    with tempfile.TemporaryFile() as held_back:
        stderr = os.dup(2)
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            held_back.seek(0)
            for line in held_back:
                if not line.startswith(b"INFO: "):
                    os.write(2, line)


def _unreachable(gateway: str) -> Unavailable:
    return Unavailable(
        Reason.SERVICE_UNREACHABLE,
        f"no gateway answers at {gateway}; start one with `likeness serve`, or leave --gateway (and LIKENESS_GATEWAY) "
        "out to render in this process",
        field="gateway",
    )
