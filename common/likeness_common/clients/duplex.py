"""A duplex call whose failures surface wherever the caller happens to wait."""

from collections.abc import AsyncIterator
from typing import Any, Generic, TypeVar

import grpc

from likeness_common.clients.ending import WRITE_ERRORS, Ending
from likeness_common.errors import Internal, Reason

Request = TypeVar("Request")
Response = TypeVar("Response")


class DuplexCall(Generic[Request, Response]):
    """Wraps one bidirectional call to `service`. gRPC's flow control bounds both directions."""

    def __init__(self, call: grpc.aio.StreamStreamCall[Any, Any], service: str) -> None:
        self._call = call
        self._ending = Ending(call, service)
        self.service = service

    async def write(self, request: Request) -> None:
        """Send; waits while the other side is behind. Raises what the other side raised."""
        try:
            await self._call.write(request)
        except WRITE_ERRORS:
            raise await self._ending.refusal() from None

    async def done_writing(self) -> None:
        """Say that nothing more comes. Raises what the other side raised."""
        try:
            await self._call.done_writing()
        except WRITE_ERRORS:
            await self._raise_error()

    async def read(self) -> Response | None:
        """Receive the next response, or None at the end. Raises what the other side raised."""
        try:
            response: Response = await self._call.read()  # type: ignore[assignment]  # EOF is an untyped sentinel
        except grpc.aio.AioRpcError:
            await self._raise_error()
            return None
        return None if response is grpc.aio.EOF else response

    async def __aiter__(self) -> AsyncIterator[Response]:
        """Receive until the end."""
        while (response := await self.read()) is not None:
            yield response

    def cancel(self) -> None:
        """Stop the call; harmless when it is over."""
        self._call.cancel()

    async def _raise_error(self) -> None:
        error = await self._ending.error()
        if error is not None:
            raise error from None


async def expect_header(call: DuplexCall[Any, Response]) -> Response:
    """Read the first response, which says what will be done. A refusal surfaces here, before anything is sent."""
    response = await call.read()
    if response is None or response.WhichOneof("payload") != "header":  # type: ignore[attr-defined]  # a oneof message
        raise Internal(Reason.STREAM_PROTOCOL, f"the {call.service} service did not begin with a header")
    return response
