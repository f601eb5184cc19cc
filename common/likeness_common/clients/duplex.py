"""A duplex call whose failures surface wherever the caller happens to wait."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Generic, TypeVar

import grpc

from likeness_common.clients.channel import rpc_errors
from likeness_common.errors import Internal, Reason

Request = TypeVar("Request")
Response = TypeVar("Response")


class DuplexCall(Generic[Request, Response]):
    """Wraps one bidirectional call to `service`. gRPC's flow control bounds both directions."""

    def __init__(self, call: grpc.aio.StreamStreamCall[Any, Any], service: str) -> None:
        self._call = call
        self.service = service

    async def write(self, request: Request) -> None:
        """Send; waits while the other side is behind. Raises what the other side raised."""
        with rpc_errors(self.service):
            try:
                await self._call.write(request)
            except asyncio.InvalidStateError:
                # The call is over; iterating it raises the reason, which says more than "invalid state".
                await self._raise_status()
                raise

    async def done_writing(self) -> None:
        """Say that nothing more comes."""
        with rpc_errors(self.service):
            await self._call.done_writing()

    async def read(self) -> Response | None:
        """Receive the next response, or None at the end."""
        with rpc_errors(self.service):
            response: Response = await self._call.read()  # type: ignore[assignment]  # EOF is an untyped sentinel
            if response is grpc.aio.EOF:
                await self._raise_status()
                return None
            return response

    async def __aiter__(self) -> AsyncIterator[Response]:
        """Receive until the end."""
        while (response := await self.read()) is not None:
            yield response

    def cancel(self) -> None:
        """Stop the call; harmless when it is over."""
        self._call.cancel()

    async def _raise_status(self) -> None:
        code = await self._call.code()
        if code is not grpc.StatusCode.OK:
            raise grpc.aio.AioRpcError(
                code,
                await self._call.initial_metadata(),
                await self._call.trailing_metadata(),
                details=await self._call.details(),
            )


async def expect_header(call: DuplexCall[Any, Response]) -> Response:
    """Read the first response, which says what will be done. A refusal surfaces here, before anything is sent."""
    response = await call.read()
    if response is None or response.WhichOneof("payload") != "header":  # type: ignore[attr-defined]  # a oneof message
        raise Internal(Reason.STREAM_PROTOCOL, f"the {call.service} service did not begin with a header")
    return response
