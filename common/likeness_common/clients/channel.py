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


def open_channel(address: str) -> grpc.aio.Channel:
    """Open a channel that spreads calls over all hosts behind `address` and reconnects quickly."""
    return grpc.aio.insecure_channel(
        address,
        options=[
            ("grpc.service_config", _SERVICE_CONFIG),
            ("grpc.keepalive_time_ms", 60_000),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 2_000),
        ],
    )


@contextmanager
def rpc_errors(service: str) -> Iterator[None]:
    """Raise what the other side raised, as one of our errors."""
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error, service) from None
    except asyncio.InvalidStateError:
        message = f"the {service} service ended the call early"
        raise Unavailable(Reason.SERVICE_UNREACHABLE, message, metadata={"service": service}) from None
