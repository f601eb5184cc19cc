"""Renders and their events."""

from collections.abc import Iterator
from typing import TypeVar

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from likeness.gateway.v1 import render_pb2, render_service_pb2
from likeness.media.v1 import money_pb2
from likeness_common.convert.renders import notice_to, state_to
from likeness_common.convert.segments import segment_to_parts
from likeness_common.media import Segment
from likeness_gateway.model import (
    Accepted,
    Notice,
    Plan,
    Progress,
    Quote,
    Receipt,
    RenderEvent,
    RenderRecord,
    StageUsage,
    Tier,
)

NAME_PREFIX = "renders/"

TIERS = {
    Tier.AUTO: render_pb2.TIER_AUTO,
    Tier.DRAFT: render_pb2.TIER_DRAFT,
    Tier.STANDARD: render_pb2.TIER_STANDARD,
    Tier.HIGH: render_pb2.TIER_HIGH,
    Tier.PREMIUM: render_pb2.TIER_PREMIUM,
}

Response = TypeVar("Response", render_service_pb2.RenderVideoResponse, render_service_pb2.WatchRenderResponse)


def responses_of(kind: type[Response], event: RenderEvent) -> Iterator[Response]:
    """Write an event as the messages that carry it: several for a large segment, else one."""
    match event:
        case Accepted():
            yield kind(accepted=_accepted_to(event))
        case Progress():
            yield kind(progress=_progress_to(event))
        case Segment():
            for part in segment_to_parts(event):
                yield kind(segment=part)
        case Notice():
            yield kind(notice=notice_to(event))
        case Receipt():
            yield kind(receipt=_receipt_to(event))


def render_to(record: RenderRecord) -> render_pb2.Render:
    """Write a render."""
    render = render_pb2.Render(
        name=NAME_PREFIX + record.id,
        state=state_to(record.state),
        plan=plan_to(record.plan),
        quote=quote_to(record.quote),
        create_time=_timestamp(record.create_time_us),
        segment_count=record.segment_count,
        notices=map(notice_to, record.notices),
    )
    if record.end_time_us is not None:
        render.end_time.CopyFrom(_timestamp(record.end_time_us))
    if record.receipt is not None:
        render.receipt.CopyFrom(_receipt_to(record.receipt))
    if record.failure is not None:
        render.error_reason = record.failure.reason.value
        render.error_message = record.failure.message
    return render


def plan_to(plan: Plan) -> render_pb2.Plan:
    """Write a plan."""
    return render_pb2.Plan(tier=TIERS[plan.tier], pool=plan.pool, engine=plan.engine, voice=plan.voice)


def quote_to(quote: Quote) -> render_pb2.Quote:
    """Write a quote."""
    return render_pb2.Quote(
        cost=cost_to(quote.cost_micros),
        video_duration=duration(quote.video_us),
        render_duration=duration(quote.render_us),
    )


def cost_to(micros: int) -> money_pb2.Cost:
    """Write an amount of US dollars."""
    return money_pb2.Cost(micros=micros, currency_code="USD")


def duration(microseconds: int) -> Duration:
    """Write a duration."""
    message = Duration()
    message.FromMicroseconds(microseconds)
    return message


def _timestamp(microseconds: int) -> Timestamp:
    message = Timestamp()
    message.FromMicroseconds(microseconds)
    return message


def _accepted_to(event: Accepted) -> render_service_pb2.Accepted:
    return render_service_pb2.Accepted(
        render=NAME_PREFIX + event.render_id, plan=plan_to(event.plan), quote=quote_to(event.quote)
    )


def _progress_to(event: Progress) -> render_service_pb2.Progress:
    return render_service_pb2.Progress(
        frames_done=event.frames_done, frames_expected=event.frames_expected, elapsed=duration(event.elapsed_us)
    )


def _receipt_to(receipt: Receipt) -> render_pb2.Receipt:
    return render_pb2.Receipt(
        quoted=quote_to(receipt.quoted),
        cost=cost_to(receipt.cost_micros),
        video_duration=duration(receipt.video_us),
        render_duration=duration(receipt.render_us),
        first_segment=duration(receipt.first_segment_us),
        real_time_factor=_real_time_factor(receipt.work_us, receipt.video_us),
        frame_count=receipt.frame_count,
        segment_count=receipt.segment_count,
        byte_count=receipt.byte_count,
        stages=[_stage_to(stage, receipt.video_us) for stage in receipt.stages],
        trace_id=receipt.trace_id,
    )


def _stage_to(stage: StageUsage, video_us: int) -> render_pb2.StageUsage:
    return render_pb2.StageUsage(
        stage=stage.stage,
        busy=duration(stage.busy_us),
        real_time_factor=_real_time_factor(stage.busy_us, video_us),
        first_output=duration(stage.first_output_us),
        cost=cost_to(stage.cost_micros),
    )


def _real_time_factor(work_us: int, video_us: int) -> float:
    """Work for a second of video; 0 when there is no video."""
    return work_us / video_us if video_us else 0.0
