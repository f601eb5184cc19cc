"""Errors on the wire: a status code, one google.rpc.ErrorInfo, and the details that apply."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from likeness_common import errors
from likeness_common.errors import ERROR_DOMAIN, LikenessError, Reason

log = logging.getLogger(__name__)

_OUR_METHODS = "/likeness."

_BY_CODE = {kind.code: kind for kind in errors.ERROR_KINDS}


def to_status(error: LikenessError) -> status_pb2.Status:
    """Write an error as google.rpc.Status."""
    details: list[Any] = [
        error_details_pb2.ErrorInfo(reason=error.reason.value, domain=ERROR_DOMAIN, metadata=error.metadata)
    ]
    if error.field:
        violation = error_details_pb2.BadRequest.FieldViolation(field=error.field, description=error.message)
        details.append(error_details_pb2.BadRequest(field_violations=[violation]))
    if error.retry_after_s is not None:
        delay = duration_pb2.Duration()
        delay.FromNanoseconds(int(error.retry_after_s * 1e9))
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    status = status_pb2.Status(code=error.code.value[0], message=error.message)
    for detail in details:
        packed = any_pb2.Any()
        packed.Pack(detail)
        status.details.append(packed)
    return status


def from_rpc_error(error: grpc.aio.AioRpcError, service: str) -> LikenessError:
    """Read the error that another service of ours sent; `service` names it when it could not be reached at all."""
    status = rpc_status.from_call(error)  # type: ignore[arg-type]  # it has the methods that are read
    if status is None:
        return _without_details(error, service)
    fields: dict[str, Any] = {}
    reason = Reason.INTERNAL
    for detail in status.details:
        info, bad, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            reason = Reason(info.reason) if info.reason in Reason.__members__ else Reason.INTERNAL
            fields["metadata"] = dict(info.metadata)
        elif detail.Unpack(bad) and bad.field_violations:
            fields["field"] = bad.field_violations[0].field
        elif detail.Unpack(retry):
            fields["retry_after_s"] = retry.retry_delay.ToNanoseconds() / 1e9
    return _BY_CODE.get(error.code(), errors.Internal)(reason, status.message, **fields)


def _without_details(error: grpc.aio.AioRpcError, service: str) -> LikenessError:
    metadata = {"service": service}
    match error.code():
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return errors.DeadlineExceeded(
                Reason.DEADLINE_EXCEEDED, f"the {service} service did not finish in time", metadata=metadata
            )
        case grpc.StatusCode.CANCELLED:
            return errors.Cancelled(Reason.RENDER_CANCELLED, f"the {service} call was cancelled", metadata=metadata)
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            return _over_limit(error, metadata)
        # Our services give reasons even for their internal errors: without one, the connection broke under the call.
        case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.INTERNAL | grpc.StatusCode.UNKNOWN:
            return errors.Unavailable(
                Reason.SERVICE_UNREACHABLE,
                f"the {service} service cannot be reached or went away; try again",
                metadata=metadata,
                retry_after_s=1.0,
            )
    return errors.Internal(
        Reason.INTERNAL, f"the {service} service answered {error.code().name}: {error.details()}", metadata=metadata
    )


def _over_limit(error: grpc.aio.AioRpcError, metadata: dict[str, str]) -> LikenessError:
    """Read what gRPC itself refuses: too large a message, or too many calls at once."""
    details = error.details() or ""
    if "larger than max" in details:
        advice = "send photos through UploadPortrait, in pieces, and compress recordings"
        message = f"the request is too large ({details}); {advice}"
        return errors.InvalidArgument(Reason.FIELD_OUT_OF_RANGE, message, metadata=metadata)
    message = f"the {metadata['service']} service has all the calls that it can take; try again"
    return errors.ResourceExhausted(Reason.SERVER_BUSY, message, metadata=metadata, retry_after_s=1.0)


class ErrorInterceptor(grpc.aio.ServerInterceptor):
    """Turns the exceptions of handlers into statuses. What is not ours becomes INTERNAL and is logged."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Wrap the handler of one call."""
        handler = await continuation(handler_call_details)
        if handler is None or not handler_call_details.method.startswith(_OUR_METHODS):
            return handler
        inner = handler.stream_stream or handler.unary_stream or handler.stream_unary or handler.unary_unary
        wrapped = _wrap_stream(inner) if handler.response_streaming else _wrap_unary(inner)
        factory = _FACTORIES[handler.request_streaming, handler.response_streaming]
        return factory(wrapped, handler.request_deserializer, handler.response_serializer)


_FACTORIES: dict[tuple[bool, bool], Callable[..., Any]] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


def _wrap_unary(inner: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def handle(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        try:
            return await inner(request, context)
        except Exception as error:
            await _abort(context, error)

    return handle


def _wrap_stream(inner: Callable[..., AsyncGenerator[Any, None]]) -> Callable[..., Awaitable[None]]:
    # gRPC drops an async generator whose call is cancelled and leaves its cleanup to the garbage collector, in another
    # task. Writing from a coroutine lets the handler clean up at once and in its own context.
    async def handle(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        try:
            async with aclosing(inner(request, context)) as responses:
                async for response in responses:
                    try:
                        await context.write(response)
                    except grpc.aio.InternalError:  # the caller is gone
                        return
        except Exception as error:
            await _abort(context, error)

    return handle


async def _abort(context: grpc.aio.ServicerContext[Any, Any], error: Exception) -> None:
    if isinstance(error, grpc.aio.AbortError):
        raise error
    if not isinstance(error, LikenessError):
        log.exception("unexpected error", exc_info=error)
        error = errors.Internal(Reason.INTERNAL, "internal error; the server's log has the details")
    status = rpc_status.to_status(to_status(error))
    trailers = (*(context.trailing_metadata() or ()), *(status.trailing_metadata or ()))
    await context.abort(status.code, status.details, trailers)
