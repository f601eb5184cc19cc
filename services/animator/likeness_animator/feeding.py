"""The input of an Animate stream."""

from collections.abc import AsyncIterator

from likeness.animator.v1 import animator_service_pb2 as pb
from likeness_common.convert.media import audio_chunk_from, mark_from
from likeness_common.errors import InvalidArgument, Reason
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


def _protocol(field: str, message: str) -> InvalidArgument:
    return InvalidArgument(Reason.STREAM_PROTOCOL, message, field=field)
