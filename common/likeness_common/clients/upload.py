"""Uploads: calls that stream a file and get one response."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import grpc

from likeness_common.clients.ending import WRITE_ERRORS, Ending

Request = TypeVar("Request")
Response = TypeVar("Response")

_PIECE_BYTES = 512 * 1024


def pieces(file: bytes) -> Iterator[bytes]:
    """The file in pieces that fit into messages."""
    for start in range(0, len(file), _PIECE_BYTES):
        yield file[start : start + _PIECE_BYTES]


async def upload(
    call: grpc.aio.StreamUnaryCall[Request, Response], requests: Iterable[Request], service: str
) -> Response:
    """Send all `requests` over `call`, which was opened without any, and return what `service` answers.

    Raises what the other side raised, also when it does so before everything is sent. gRPC would take the requests as
    an iterator too, but then writes in the background, where such an answer can get lost.
    """
    ending = Ending(call, service)
    try:
        for request in requests:
            await call.write(request)
        await call.done_writing()
        return await call
    except WRITE_ERRORS:
        raise await ending.refusal() from None
    finally:
        call.cancel()
