"""Channels to our own services, and errors that come back over them."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from likeness_common.errors import Reason, Unavailable
from likeness_common.grpc_errors import from_rpc_error

_SERVICE_CONFIG = json.dumps(
    {
        "loadBalancingConfig": [{"round_robin": {}}],
        "methodConfig": [
            {
                "name": [{}],
                "retryPolicy": {
                    "maxAttempts": 5,
                    "initialBackoff": "0.1s",
                    "maxBackoff": "1s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ],
    }
)
"""gRPC retries a call only until its first response, so a render is never half repeated."""

_CONNECT_TIMEOUT_S = 10.0


def open_channel(address: str, read_ahead_bytes: int | None = None) -> grpc.aio.Channel:
    """Open a channel that spreads calls over all hosts behind `address` and reconnects quickly.

    `read_ahead_bytes` bounds what the other side may send before it is read. By default gRPC lets that grow with the
    connection's speed to megabytes, which is right for frames but is minutes of speech.
    """
    options: list[tuple[str, str | int]] = [
        ("grpc.service_config", _SERVICE_CONFIG),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 2_000),
    ]
    if read_ahead_bytes is not None:
        options += [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", read_ahead_bytes)]
    return grpc.aio.insecure_channel(address, options=options)


async def wait_until_connected(channel: grpc.aio.Channel, service: str) -> None:
    """Wait for a service that is just starting (again). Raises Unavailable when it does not within 10 seconds."""
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            await channel.channel_ready()
    except TimeoutError:
        message = f"the {service} service cannot be reached; check that it runs, or try again"
        raise Unavailable(
            Reason.SERVICE_UNREACHABLE, message, metadata={"service": service}, retry_after_s=1.0
        ) from None


@contextmanager
def rpc_errors(service: str) -> Iterator[None]:
    """Raise what the other side raised, as one of our errors."""
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error, service) from None
