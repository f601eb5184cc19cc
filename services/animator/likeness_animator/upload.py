"""The upload of a photo, put together from its pieces."""

from collections.abc import AsyncIterator

from likeness.animator.v1 import animator_service_pb2 as pb
from likeness_animator.portrait.formats import MAX_BYTES, too_many_bytes
from likeness_common.errors import InvalidArgument, Reason

MAX_CHUNK_BYTES = 1024 * 1024


async def receive(requests: AsyncIterator[pb.UploadPortraitRequest]) -> bytes:
    """The whole file. Raises InvalidArgument as soon as a piece or the whole is too large."""
    image = bytearray()
    async for request in requests:
        data = request.chunk.data
        if len(data) > MAX_CHUNK_BYTES:
            raise InvalidArgument(
                Reason.FIELD_OUT_OF_RANGE,
                f"chunk.data has {len(data)} bytes; send at most {MAX_CHUNK_BYTES} in a message",
                field="chunk.data",
            )
        image += data
        if len(image) > MAX_BYTES:
            raise too_many_bytes(len(image))
    return bytes(image)
