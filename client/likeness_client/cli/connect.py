"""Where a command's requests go."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from likeness_client.client import LikenessClient


@asynccontextmanager
async def connect(gateway: str | None) -> AsyncIterator[LikenessClient]:
    """A client of the server at `gateway`, or without one of a gateway that runs in this process."""
    if gateway is not None:
        async with LikenessClient(gateway) as client:
            yield client
        return
    from likeness_client.embedded import embedded_client  # noqa: PLC0415 - a second of engines that few commands need

    async with embedded_client() as client:
        yield client
