"""A render survives dropped connections; what arrives is byte for byte the same."""

import asyncio
from contextlib import aclosing
from pathlib import Path
from uuid import UUID

import pytest

from likeness.gateway.v1 import render_pb2
from likeness_client.client import LikenessClient
from likeness_client.files import render_to_file
from likeness_client.model import Accepted, Notice, Receipt, RenderEvent, RenderSpec
from likeness_client.resume import ResumableRender, RetryPolicy
from likeness_common.errors import Internal, InvalidArgument, Reason, Unavailable
from likeness_common.media import Segment
from tests.unit.client.fake_gateway import NAME, FakeGateway, corrupted, serving
from tests.unit.client.proxy import CuttingProxy

pytestmark = pytest.mark.unit


async def collect(render: ResumableRender) -> list[RenderEvent]:
    async with aclosing(render.events()) as events:
        return [event async for event in events]


def video(events: list[RenderEvent]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, Segment))


async def test_events_come_once_and_in_order_over_dropped_connections(client, fake: FakeGateway, spec, policy) -> None:
    fake.drops = [2, 1, 3]
    events = await collect(ResumableRender(client, spec, policy=policy))
    assert video(events) == fake.video
    assert [event.sequence for event in events if isinstance(event, Segment)] == list(range(6))
    assert isinstance(events[0], Accepted)
    assert isinstance(events[-1], Receipt)
    assert sum(isinstance(event, Accepted) for event in events) == 1
    assert sum(isinstance(event, Notice) for event in events) == 1
    assert fake.calls == ["render", "watch 2", "watch 3", "watch 6"]


async def test_a_request_that_broke_before_its_name_was_known_is_repeated_with_its_id(client, fake, spec, policy):
    fake.drops = [-1, -1]
    events = await collect(ResumableRender(client, spec, policy=policy))
    assert video(events) == fake.video
    assert set(fake.calls) == {"render"}
    ids = {request.request_id for request in fake.requests}
    assert len(ids) == 1
    assert UUID(ids.pop()).version == 4
    assert {request.on_disconnect for request in fake.requests} == {render_pb2.ON_DISCONNECT_CONTINUE}


async def test_a_server_that_ends_with_us_is_not_asked_to_go_on(address, fake, spec, policy) -> None:
    async with LikenessClient(address, outlives_us=False) as client:
        await collect(ResumableRender(client, spec, policy=policy))
    assert fake.requests[0].on_disconnect == render_pb2.ON_DISCONNECT_CANCEL


async def test_an_existing_render_is_watched_from_where_the_caller_stands(client, fake, policy) -> None:
    fake.drops = [1]
    events = await collect(ResumableRender(client, name=NAME, after_sequence=2, policy=policy))
    assert video(events) == b"".join(segment.data for segment in fake.segments[3:])
    assert fake.calls == ["watch 3", "watch 4"]


async def test_a_connection_that_never_gets_further_is_given_up(client, fake, spec, policy) -> None:
    fake.drops = [2] + [0] * 20
    with pytest.raises(Unavailable) as caught:
        await collect(ResumableRender(client, spec, policy=policy))
    assert caught.value.reason is Reason.SERVICE_UNREACHABLE
    assert len(fake.calls) == 1 + policy.attempts


async def test_errors_of_the_render_are_not_retried(client, fake, spec, policy) -> None:
    fake.error = InvalidArgument(Reason.FACE_NOT_FOUND, "no face was found", field="spec.portrait_image")
    with pytest.raises(InvalidArgument) as caught:
        await collect(ResumableRender(client, spec, policy=policy))
    assert (caught.value.reason, caught.value.field) == (Reason.FACE_NOT_FOUND, "spec.portrait_image")
    assert fake.calls == ["render"]


async def test_a_stage_that_died_is_an_error_of_the_render(client, fake, spec, policy) -> None:
    fake.error = Unavailable(Reason.SERVICE_UNREACHABLE, "the animator went away", metadata={"service": "animator"})
    with pytest.raises(Unavailable):
        await collect(ResumableRender(client, name=NAME, policy=RetryPolicy(attempts=50, first_delay_s=0.01)))
    assert len(fake.calls) <= 5  # gRPC itself repeats a call that was refused before its first response


async def test_a_cut_wire_costs_no_byte(fake: FakeGateway, spec: RenderSpec, policy, tmp_path: Path) -> None:
    fake.pause_s = 0.05
    async with serving(fake) as address, CuttingProxy(address) as proxy, LikenessClient(proxy.address) as client:
        seen: list[int] = []

        def cut_twice(event: RenderEvent) -> None:
            if isinstance(event, Segment):
                seen.append(event.sequence)
                if event.sequence in (1, 3):
                    proxy.cut()

        await render_to_file(client, spec, tmp_path / "film.mp4", cut_twice, policy)
    assert (tmp_path / "film.mp4").read_bytes() == fake.video
    assert seen == list(range(6))
    assert proxy.cuts == 2
    assert len(fake.calls) >= 3


async def test_a_restarted_server_is_found_again(fake: FakeGateway, spec: RenderSpec) -> None:
    fake.pause_s = 0.05
    async with serving(fake) as address, CuttingProxy(address) as proxy, LikenessClient(proxy.address) as client:
        render = ResumableRender(client, spec, policy=RetryPolicy(attempts=20, first_delay_s=0.05, max_delay_s=0.1))
        data = b""
        async with aclosing(render.events()) as events:
            async for event in events:
                if isinstance(event, Segment):
                    data += event.data
                    if event.sequence == 2:
                        await proxy.down()
                        asyncio.get_running_loop().call_later(0.3, lambda: asyncio.ensure_future(proxy.up()))
    assert data == fake.video


async def test_a_damaged_segment_is_an_error(client, fake, spec, policy) -> None:
    fake.segments[3] = corrupted(fake.segments[3])
    with pytest.raises(Internal, match=r"segment 3.*SHA-256"):
        await collect(ResumableRender(client, spec, policy=policy))


async def test_a_missing_segment_is_an_error(client, fake, spec, policy) -> None:
    del fake.segments[3]
    with pytest.raises(Internal, match="segment 4 came where 3 was due"):
        await collect(ResumableRender(client, spec, policy=policy))


async def test_a_stream_without_receipt_is_an_error(client, fake, spec, policy) -> None:
    fake.receipt = False
    with pytest.raises(Internal, match="without a receipt"):
        await collect(ResumableRender(client, spec, policy=policy))


async def test_cancelling_before_the_name_is_known_finds_the_render(client, fake, spec, policy) -> None:
    render = ResumableRender(client, spec, policy=policy)
    await render.cancel()
    assert fake.calls == ["render", f"cancel {NAME}"]


def test_delays_double_up_to_a_limit() -> None:
    policy = RetryPolicy(attempts=9, first_delay_s=0.5, max_delay_s=3.0)
    assert [policy.delay_s(failures) for failures in range(1, 5)] == [0.5, 1.0, 2.0, 3.0]
