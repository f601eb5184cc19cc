"""Asks for renders and reads them as another backend service would."""

from collections.abc import Iterable
from typing import Any

import grpc

from likeness.gateway.v1 import render_pb2
from likeness.tts.v1 import voice_pb2
from tests.watched import Watched


def watch(stream: Iterable[Any]) -> Watched:
    """Read a stream to its end."""
    watched = Watched()
    for response in stream:
        watched.take(response)
    return watched


def spec(text: str, portrait_id: str, **changes: Any) -> render_pb2.RenderSpec:
    """Build a DRAFT render of `text`."""
    return render_pb2.RenderSpec(
        script=voice_pb2.Script(text=text), portrait_id=portrait_id, tier=render_pb2.TIER_DRAFT, **changes
    )


def message(error: grpc.RpcError) -> str:
    """Read the message of a failed call."""
    return error.details() or ""
