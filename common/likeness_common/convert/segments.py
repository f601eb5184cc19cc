"""Segments to and from the parts that travel."""

import hashlib
from collections.abc import Iterator

from likeness.media.v1 import video_pb2
from likeness_common.convert.enums import inverse
from likeness_common.errors import Internal, Reason
from likeness_common.media import Segment, SegmentKind

MAX_PART_BYTES = 256 * 1024

_KINDS = {
    SegmentKind.INIT: video_pb2.SEGMENT_KIND_INIT,
    SegmentKind.MEDIA: video_pb2.SEGMENT_KIND_MEDIA,
    SegmentKind.FILE: video_pb2.SEGMENT_KIND_FILE,
}
_KINDS_READ = inverse(_KINDS)


def segment_to_parts(segment: Segment) -> Iterator[video_pb2.Segment]:
    """Split a segment into messages of at most 256 KiB of data each."""
    count = max(1, -(-len(segment.data) // MAX_PART_BYTES))
    for part in range(count):
        yield video_pb2.Segment(
            sequence=segment.sequence,
            kind=_KINDS[segment.kind],
            first_frame=segment.first_frame,
            frame_count=segment.frame_count,
            pts_us=segment.pts_us,
            duration_us=segment.duration_us,
            sha256=segment.sha256,
            part=part,
            part_count=count,
            data=segment.data[part * MAX_PART_BYTES : (part + 1) * MAX_PART_BYTES],
        )


class SegmentAssembler:
    """Joins parts into whole segments and checks order and hash."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def add(self, message: video_pb2.Segment) -> Segment | None:
        """Take the next part; return the segment when it is complete. Raises Internal when parts are damaged."""
        if message.kind not in _KINDS_READ:
            raise Internal(Reason.INTERNAL, f"segment {message.sequence} is of kind {message.kind}, which is not known")
        if message.part != len(self._parts):
            raise Internal(
                Reason.INTERNAL, f"segment {message.sequence}: part {message.part} came after {len(self._parts)} parts"
            )
        self._parts.append(message.data)
        if len(self._parts) < message.part_count:
            return None
        data = b"".join(self._parts)
        self._parts = []
        if hashlib.sha256(data).hexdigest() != message.sha256:
            raise Internal(Reason.INTERNAL, f"segment {message.sequence}: data does not match its SHA-256")
        return Segment(
            message.sequence,
            _KINDS_READ[message.kind],
            data,
            message.sha256,
            message.first_frame,
            message.frame_count,
            message.pts_us,
            message.duration_us,
        )
