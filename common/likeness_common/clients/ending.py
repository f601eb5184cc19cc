"""How a call that streams its requests ended, in the words of the other side."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import grpc

from likeness_common.errors import LikenessError, Reason, Unavailable
from likeness_common.grpc_errors import from_rpc_error

T = TypeVar("T")

WRITE_ERRORS = (grpc.aio.AioRpcError, grpc.aio.InternalError, asyncio.InvalidStateError)
"""What grpc.aio raises from a write to a call that is over; which one depends on when it learned of the end."""

_POLL_S = 0.01
_POLLS = 100


class Ending:
    """Watches `call`, from before its first write, for the status that `service` gives it.

    A server may refuse while much is still to be sent. The write that is under way then fails, and grpc.aio sets an
    INTERNAL of its own, without trailers (https://github.com/grpc/grpc/issues/36066). Either that replaces the status
    of the server, which the call's callback has seen by then, or the status of the server will replace it in turn.
    """

    def __init__(self, call: grpc.aio.Call, service: str) -> None:
        self._call = call
        self._service = service
        self._status: grpc.aio.AioRpcError | None = None
        call.add_done_callback(self._note)

    async def error(self) -> LikenessError | None:
        """Why the call failed, or None when the other side ended it well. For calls that are over."""
        for _ in range(_POLLS):  # gRPC tells nobody of the second status; without one, its INTERNAL is the reason
            if _is_final(self._status):
                break
            await asyncio.sleep(_POLL_S)
            self._note(self._call)
        if self._status is None or self._status.code() is grpc.StatusCode.OK:
            return None
        return from_rpc_error(self._status, self._service)

    async def refusal(self) -> LikenessError:
        """Why a write failed. That the other side ended well, with no more to say, is an error too."""
        return await self.error() or Unavailable(
            Reason.SERVICE_UNREACHABLE,
            f"the {self._service} service ended the call early",
            metadata={"service": self._service},
        )

    def _note(self, call: grpc.aio.Call) -> None:
        if call.done() and not _is_final(self._status):
            self._status = _at_once(_status_of(call))


def _is_final(status: grpc.aio.AioRpcError | None) -> bool:
    """Whether this is what the other side, or the connection, said."""
    return status is not None and (status.code() is not grpc.StatusCode.INTERNAL or bool(status.trailing_metadata()))


async def _status_of(call: grpc.aio.Call) -> grpc.aio.AioRpcError:
    """The present status, OK included."""
    return grpc.aio.AioRpcError(
        await call.code(), await call.initial_metadata(), await call.trailing_metadata(), details=await call.details()
    )


def _at_once(ready: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that has nothing to wait for, such as a question about a call that is over."""
    try:
        ready.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise RuntimeError("a call that is over has no status")
