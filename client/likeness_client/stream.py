"""Event streams: messages of one call become events whose order and hashes have been checked."""

from collections.abc import AsyncIterator
from typing import Any

from likeness_client.convert.render import accepted_from, progress_from, receipt_from
from likeness_client.model import EventStream, Receipt, RenderEvent
from likeness_common.convert.renders import notice_from
from likeness_common.convert.segments import SegmentAssembler
from likeness_common.errors import Internal, Reason
from likeness_common.media import Segment


async def read_events(call: AsyncIterator[Any], after_sequence: int | None) -> EventStream:
    """Events of a RenderVideo or WatchRender call whose first segment follows `after_sequence` (None: from the start).

    Raises Internal when a segment is missing, repeated or damaged, or when the stream ends without a receipt.
    """
    assembler = SegmentAssembler()
    expected = 0 if after_sequence is None else after_sequence + 1
    ended = False
    async for message in call:
        event = _event_from(message, assembler)
        if isinstance(event, Segment):
            if event.sequence != expected:
                raise Internal(Reason.INTERNAL, f"segment {event.sequence} came where {expected} was due")
            expected += 1
        if event is not None:
            ended = isinstance(event, Receipt)
            yield event
    if not ended:
        raise Internal(Reason.STREAM_PROTOCOL, "the stream ended without a receipt")


def _event_from(message: Any, assembler: SegmentAssembler) -> RenderEvent | None:
    """The event in a message, or None for part of a segment or an event that this client is too old to know."""
    match message.WhichOneof("event"):
        case "accepted":
            return accepted_from(message.accepted)
        case "progress":
            return progress_from(message.progress)
        case "segment":
            return assembler.add(message.segment)
        case "notice":
            return notice_from(message.notice)
        case "receipt":
            return receipt_from(message.receipt)
    return None
