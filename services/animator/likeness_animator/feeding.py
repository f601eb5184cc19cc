"""The input of an Animate stream, taken in while its frames go out."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from typing import Any

from likeness.animator.v1 import animator_service_pb2 as pb
from likeness_common.convert.media import audio_chunk_from, mark_from
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.media import FrameBatch
from likeness_common.stages.animator import AnimationSession


async def feed(requests: AsyncIterator[pb.AnimateRequest], session: AnimationSession) -> None:
    """Hand speech to the session until finish comes, which is the last message that is read.

    Raises InvalidArgument (STREAM_PROTOCOL) for messages out of place.
    """
    async for request in requests:
        match request.WhichOneof("payload"):
            case "audio":
                await session.push(audio_chunk_from(request.audio))
            case "mark":
                await session.push(mark_from(request.mark))
            case "finish":
                await session.finish()
                return
            case "header":
                raise _protocol("header", "a second header was sent; settings do not change, open another stream")
            case _:
                raise _protocol("payload", "a message has no payload; send header, audio, mark or finish")
    raise _protocol("finish", "the stream ended without finish; send it as the last message")


async def while_feeding(
    frames: AsyncIterator[FrameBatch], feeding: Coroutine[None, None, None]
) -> AsyncGenerator[FrameBatch]:
    """The frames, until their end or until the input fails, which fails them."""
    feeder = asyncio.create_task(feeding)
    coming: asyncio.Task[FrameBatch | None] | None = None
    try:
        while True:
            coming = asyncio.create_task(_next(frames))
            await _first_of(coming, feeder)
            batch = await coming
            if batch is None:
                return
            yield batch
    finally:
        await _cancel(feeder, coming)


async def _next(frames: AsyncIterator[FrameBatch]) -> FrameBatch | None:
    return await anext(frames, None)


async def _first_of(coming: asyncio.Task[FrameBatch | None], feeder: asyncio.Task[None]) -> None:
    """Wait for the next frames; raises the error of the feeder when that comes first."""
    if not feeder.done():
        await asyncio.wait([coming, feeder], return_when=asyncio.FIRST_COMPLETED)
    if feeder.done():
        feeder.result()


async def _cancel(*tasks: asyncio.Task[Any] | None) -> None:
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def _protocol(field: str, message: str) -> InvalidArgument:
    return InvalidArgument(Reason.STREAM_PROTOCOL, message, field=field)
