"""Asks services whether they serve."""

import asyncio

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

_POLL_S = 0.1
_CALL_TIMEOUT_S = 2.0


async def serves(address: str) -> bool:
    """Whether the service at `address` says so itself, now."""
    async with grpc.aio.insecure_channel(address) as channel:
        return await _serves(channel)


async def until_serving(address: str) -> None:
    """Return when the service at `address` serves; wait as long as that takes."""
    while True:
        # A fresh channel each time: an old one backs off from connecting for longer and longer.
        if await serves(address):
            return
        await asyncio.sleep(_POLL_S)


async def _serves(channel: grpc.aio.Channel) -> bool:
    stub = health_pb2_grpc.HealthStub(channel)
    try:
        request = health_pb2.HealthCheckRequest(service="readiness")
        response = await stub.Check(request, timeout=_CALL_TIMEOUT_S)  # type: ignore[attr-defined]  # no stubs for it
    except grpc.aio.AioRpcError:
        return False
    return bool(response.status == health_pb2.HealthCheckResponse.SERVING)
