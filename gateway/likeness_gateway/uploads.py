"""Files that arrive in pieces."""

from collections.abc import AsyncIterator

from likeness.gateway.v1 import render_service_pb2
from likeness_common.errors import InvalidArgument, Reason
from likeness_gateway.portraits import MAX_IMAGE_BYTES

MAX_CHUNK_BYTES = 1024 * 1024


async def read_image(requests: AsyncIterator[render_service_pb2.UploadPortraitRequest]) -> bytes:
    """Join the pieces of an image file. Raises InvalidArgument when it, or a piece, is too large or empty."""
    image = bytearray()
    async for request in requests:
        data = request.chunk.data
        if len(data) > MAX_CHUNK_BYTES:
            message = f"chunk.data has {len(data)} bytes, the limit is {MAX_CHUNK_BYTES}; send smaller chunks"
            raise InvalidArgument(Reason.FIELD_OUT_OF_RANGE, message, field="chunk.data")
        image += data
        if len(image) > MAX_IMAGE_BYTES:
            message = f"the image has more than {MAX_IMAGE_BYTES} bytes; send a smaller or more compressed one"
            raise InvalidArgument(Reason.IMAGE_TOO_LARGE, message, field="chunk.data")
    if not image:
        message = "chunk.data is empty; send the bytes of a JPEG, PNG or WebP file"
        raise InvalidArgument(Reason.FIELD_MISSING, message, field="chunk.data")
    return bytes(image)
