"""What a caller of the render API sees, gathered for assertions."""

import hashlib
from dataclasses import dataclass, field
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from likeness.gateway.v1 import render_pb2, render_service_pb2
from likeness.media.v1 import video_pb2

Detail = TypeVar("Detail", bound=Message)


@dataclass
class Watched:
    """What a stream has delivered; `order` names the events as they came."""

    order: list[str] = field(default_factory=list)
    accepted: render_service_pb2.Accepted | None = None
    progress: list[render_service_pb2.Progress] = field(default_factory=list)
    notices: list[render_pb2.Notice] = field(default_factory=list)
    parts: list[video_pb2.Segment] = field(default_factory=list)
    receipt: render_pb2.Receipt | None = None

    def take(self, response: Any) -> str:
        """Add one response; return the name of its event."""
        kind = str(response.WhichOneof("event"))
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
    def name(self) -> str:
        """The render's name."""
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


def error_info(error: grpc.RpcError) -> error_details_pb2.ErrorInfo:
    """The one ErrorInfo of a failed call."""
    infos = _details(error, error_details_pb2.ErrorInfo)
    assert len(infos) == 1
    return infos[0]


def field_of(error: grpc.RpcError) -> str:
    """The field that a failed call complains about; empty when it names none."""
    for bad in _details(error, error_details_pb2.BadRequest):
        return str(bad.field_violations[0].field)
    return ""


def _details(error: grpc.RpcError, kind: type[Detail]) -> list[Detail]:
    status = rpc_status.from_call(error)  # type: ignore[arg-type]  # errors of calls are calls
    assert status is not None, error
    found = []
    for packed in status.details:
        detail = kind()
        if packed.Unpack(detail):
            found.append(detail)
    return found
