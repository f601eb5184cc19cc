"""Collects the events of a render stream as another backend service would."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from likeness.gateway.v1 import render_pb2, render_service_pb2
from likeness.media.v1 import video_pb2
from likeness.tts.v1 import voice_pb2


@dataclass
class Watched:
    """What a stream delivered, in order of arrival."""

    order: list[str] = field(default_factory=list)
    accepted: render_service_pb2.Accepted | None = None
    progress: list[render_service_pb2.Progress] = field(default_factory=list)
    notices: list[render_pb2.Notice] = field(default_factory=list)
    parts: list[video_pb2.Segment] = field(default_factory=list)
    receipt: render_pb2.Receipt | None = None

    def take(self, response: Any) -> str:
        """Add one response; return the name of its event."""
        kind = str(response.WhichOneof("event"))
        if not self.order or self.order[-1] != kind:
            self.order.append(kind)
        event = getattr(response, kind)
        match kind:
            case "accepted":
                self.accepted = event
            case "receipt":
                self.receipt = event
            case "segment":
                self.parts.append(event)
            case "progress":
                self.progress.append(event)
            case "notice":
                self.notices.append(event)
        return kind

    @property
    def render(self) -> str:
        """Name of the render."""
        assert self.accepted is not None
        return self.accepted.render

    @property
    def video(self) -> bytes:
        """All bytes in order."""
        return b"".join(part.data for part in self.parts)

    @property
    def segments(self) -> list[video_pb2.Segment]:
        """One message per segment, with all its bytes."""
        whole: list[video_pb2.Segment] = []
        for part in self.parts:
            if part.part == 0:
                copy = video_pb2.Segment()
                copy.CopyFrom(part)
                whole.append(copy)
            else:
                whole[-1].data += part.data
        return whole

    def check_segments(self, first_sequence: int = 0) -> None:
        """Assert that sequences have no gap and every hash matches."""
        segments = self.segments
        assert [segment.sequence for segment in segments] == list(range(first_sequence, first_sequence + len(segments)))
        for segment in segments:
            assert hashlib.sha256(segment.data).hexdigest() == segment.sha256
        assert max(len(part.data) for part in self.parts) <= 256 * 1024


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


def error_info(error: grpc.RpcError) -> error_details_pb2.ErrorInfo:
    """Read the one ErrorInfo of a failed call."""
    status = rpc_status.from_call(error)  # type: ignore[arg-type]  # errors of calls are calls
    assert status is not None, error
    infos = []
    for detail in status.details:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            infos.append(info)
    assert len(infos) == 1
    return infos[0]


def message(error: grpc.RpcError) -> str:
    """Read the message of a failed call."""
    return error.details() or ""
