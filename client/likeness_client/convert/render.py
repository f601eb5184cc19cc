"""Renders and their events from likeness.gateway.v1."""

from collections.abc import Iterable
from datetime import UTC

from google.protobuf import duration_pb2

from likeness.gateway.v1 import render_pb2 as pb
from likeness.gateway.v1 import render_service_pb2
from likeness_client.convert.spec import TIERS
from likeness_client.model import (
    Accepted,
    Plan,
    Progress,
    Quote,
    Receipt,
    Render,
    StageUsage,
    Tier,
)
from likeness_common.convert.enums import inverse
from likeness_common.convert.renders import notice_from, state_from
from likeness_common.errors import Internal, Reason

_TIERS = inverse(TIERS, unset=Tier.AUTO)


def tier_from(number: int) -> Tier:
    """Read a tier. Raises Internal for one that this client does not know."""
    if number not in _TIERS:
        raise Internal(Reason.INTERNAL, f"the server sent tier {number}, which this client is too old to know")
    return _TIERS[number]


def seconds_from(duration: duration_pb2.Duration) -> float:
    """Read a duration as seconds."""
    return duration.seconds + duration.nanos / 1e9


def plan_from(message: pb.Plan) -> Plan:
    """Read a plan."""
    return Plan(tier_from(message.tier), message.pool, message.engine, message.voice)


def quote_from(message: pb.Quote) -> Quote:
    """Read a quote."""
    return Quote(message.cost.micros, seconds_from(message.video_duration), seconds_from(message.render_duration))


def accepted_from(message: render_service_pb2.Accepted) -> Accepted:
    """Read the opening of a stream."""
    return Accepted(message.render, plan_from(message.plan), quote_from(message.quote))


def progress_from(message: render_service_pb2.Progress) -> Progress:
    """Read how far a render is."""
    return Progress(message.frames_done, message.frames_expected, seconds_from(message.elapsed))


def receipt_from(message: pb.Receipt) -> Receipt:
    """Read a receipt."""
    return Receipt(
        quoted=quote_from(message.quoted),
        cost_micros=message.cost.micros,
        video_s=seconds_from(message.video_duration),
        render_s=seconds_from(message.render_duration),
        first_segment_s=seconds_from(message.first_segment),
        real_time_factor=message.real_time_factor,
        frame_count=message.frame_count,
        segment_count=message.segment_count,
        byte_count=message.byte_count,
        stages=_stages_from(message.stages),
        trace_id=message.trace_id,
    )


def _stages_from(messages: Iterable[pb.StageUsage]) -> tuple[StageUsage, ...]:
    return tuple(
        StageUsage(
            usage.stage,
            seconds_from(usage.busy),
            usage.real_time_factor,
            seconds_from(usage.first_output),
            usage.cost.micros,
        )
        for usage in messages
    )


def render_from(message: pb.Render) -> Render:
    """Read a render. Raises Internal for a state that this client does not know."""
    return Render(
        name=message.name,
        state=state_from(message.state),
        plan=plan_from(message.plan),
        quote=quote_from(message.quote),
        create_time=message.create_time.ToDatetime(UTC),
        end_time=message.end_time.ToDatetime(UTC) if message.HasField("end_time") else None,
        segment_count=message.segment_count,
        receipt=receipt_from(message.receipt) if message.HasField("receipt") else None,
        notices=tuple(notice_from(notice) for notice in message.notices),
        error_reason=message.error_reason,
        error_message=message.error_message,
    )
