"""Requests, and readers of what comes back."""

from collections.abc import AsyncIterable
from typing import Any

from likeness.gateway.v1 import render_pb2, render_service_pb2
from likeness.tts.v1 import voice_pb2
from likeness_gateway.convert.spec import body_sha256, spec_from
from likeness_gateway.renders.order import Order
from tests.watched import Watched

IMAGE = b"\xff\xd8\xffa photo, as far as the fakes can tell"


def script(words: int = 8) -> str:
    """A script of so many words."""
    return " ".join(f"word{index}" for index in range(words)) + "."


def spec(words: int = 8, **changes: Any) -> render_pb2.RenderSpec:
    """A small render: 64x64, segments of 200 ms."""
    output = render_pb2.Output(width=64, height=64, segment_ms=200)
    facts: dict[str, Any] = {
        "script": voice_pb2.Script(text=script(words)),
        "output": output,
        "portrait_image": IMAGE,
        "tier": render_pb2.TIER_DRAFT,
        **changes,
    }
    return render_pb2.RenderSpec(**facts)


def video(words: int = 8, request_id: str = "", detached: bool = False, **changes: Any) -> Any:
    """A RenderVideo request."""
    mode = render_pb2.ON_DISCONNECT_CONTINUE if detached else render_pb2.ON_DISCONNECT_CANCEL
    return render_service_pb2.RenderVideoRequest(request_id=request_id, spec=spec(words, **changes), on_disconnect=mode)


def order(words: int = 8, request_id: str = "", detached: bool = False, **changes: Any) -> Order:
    """An order, as the servicer makes it."""
    message = spec(words, **changes)
    read_spec = spec_from(message)
    return Order(
        spec=read_spec,
        body_sha256=body_sha256(message, read_spec.portrait_id),
        image=message.portrait_image,
        request_id=request_id,
        detached=detached,
    )


async def read(stream: AsyncIterable[Any], seen: Watched | None = None, segments: int | None = None) -> Watched:
    """Read a stream to its end, or until so many segments have come."""
    seen = seen or Watched()
    async for response in stream:
        seen.take(response)
        if segments is not None and len(seen.parts) >= segments:
            break
    return seen


def watch(name: str, after: int | None = None) -> render_service_pb2.WatchRenderRequest:
    """A WatchRender request."""
    return render_service_pb2.WatchRenderRequest(name=name, after_sequence=after)
