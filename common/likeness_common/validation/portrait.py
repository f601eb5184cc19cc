"""How much a photo may weigh, and photos that arrive in pieces."""

from collections.abc import AsyncIterator

from likeness_common.errors import InvalidArgument, Reason

MAX_PORTRAIT_BYTES = 20 * 1024 * 1024
MAX_INLINE_BYTES = 3 * 1024 * 1024
"""Of a photo within a render request, together with a recording if there is one; larger ones are uploaded first."""

MAX_CHUNK_BYTES = 1024 * 1024
_FIELD = "chunk.data"


async def join_chunks(chunks: AsyncIterator[bytes]) -> bytes:
    """The whole file. Raises InvalidArgument as soon as a piece or the whole is too large, and for an empty one."""
    image = bytearray()
    async for chunk in chunks:
        if len(chunk) > MAX_CHUNK_BYTES:
            message = f"{_FIELD} has {len(chunk)} bytes, the limit is {MAX_CHUNK_BYTES}; send smaller chunks"
            raise InvalidArgument(Reason.FIELD_OUT_OF_RANGE, message, field=_FIELD)
        image += chunk
        if len(image) > MAX_PORTRAIT_BYTES:
            message = f"the image has more than {MAX_PORTRAIT_BYTES} bytes; send a smaller or more compressed one"
            raise InvalidArgument(Reason.IMAGE_TOO_LARGE, message, field=_FIELD)
    if not image:
        message = f"{_FIELD} is empty; send the bytes of a JPEG, PNG or WebP file"
        raise InvalidArgument(Reason.FIELD_MISSING, message, field=_FIELD)
    return bytes(image)
