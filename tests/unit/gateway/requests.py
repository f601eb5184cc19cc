"""Requests, and readers of what comes back."""

from collections.abc import AsyncIterable
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from likeness.gateway.v1 import render_pb2, render_service_pb2
from likeness.media.v1 import video_pb2
from likeness.tts.v1 import voice_pb2
from likeness_gateway.convert.spec import body_sha256, spec_from
from likeness_gateway.renders.order import Order

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


@dataclass
class Seen:
    """What a stream has delivered."""

    order: list[str] = field(default_factory=list)
    accepted: render_service_pb2.Accepted | None = None
    segments: list[video_pb2.Segment] = field(default_factory=list)
    progress: list[render_service_pb2.Progress] = field(default_factory=list)
    notices: list[render_pb2.Notice] = field(default_factory=list)
    receipt: render_pb2.Receipt | None = None

    @property
    def name(self) -> str:
        """The render's name."""
        assert self.accepted is not None
        return self.accepted.render

    @property
    def video(self) -> bytes:
        """All bytes in order."""
        return b"".join(part.data for part in self.segments)

    def take(self, response: Any) -> None:
        """Add one response."""
        kind = str(response.WhichOneof("event"))
        self.order.append(kind)
        event = getattr(response, kind)
        match kind:
            case "accepted":
                self.accepted = event
            case "receipt":
                self.receipt = event
            case "segment":
                self.segments.append(event)
            case "progress":
                self.progress.append(event)
            case "notice":
                self.notices.append(event)


async def read(stream: AsyncIterable[Any], seen: Seen | None = None, segments: int | None = None) -> Seen:
    """Read a stream to its end, or until so many segments have come."""
    seen = seen or Seen()
    async for response in stream:
        seen.take(response)
        if segments is not None and len(seen.segments) >= segments:
            break
    return seen


def watch(name: str, after: int | None = None) -> render_service_pb2.WatchRenderRequest:
    """A WatchRender request."""
    return render_service_pb2.WatchRenderRequest(name=name, after_sequence=after)


def error_info(error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo:
    """The one ErrorInfo of a failed call."""
    status = rpc_status.from_call(error)  # type: ignore[arg-type]  # it has the methods that are read
    assert status is not None, error
    infos = []
    for detail in status.details:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            infos.append(info)
    assert len(infos) == 1
    return infos[0]


def field_of(error: grpc.aio.AioRpcError) -> str:
    """The field that a failed call complains about."""
    status = rpc_status.from_call(error)  # type: ignore[arg-type]  # it has the methods that are read
    assert status is not None, error
    for detail in status.details:
        bad = error_details_pb2.BadRequest()
        if detail.Unpack(bad):
            return str(bad.field_violations[0].field)
    return ""
