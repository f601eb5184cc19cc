"""What the next process makes of what the last one left."""

import asyncio
from dataclasses import replace

import grpc
import pytest

from likeness_common.errors import Reason, Unavailable
from likeness_common.media import Segment
from likeness_gateway.database import Database
from likeness_gateway.model import RenderRecord, RenderState
from likeness_gateway.renders.ending import cancelled
from likeness_gateway.renders.live import LiveRender
from likeness_gateway.renders.sqlite_store import SCHEMA, SqliteRenderStore
from likeness_gateway.renders.watch import watch as follow
from tests.unit.gateway.conftest import Stand
from tests.unit.gateway.requests import order, read, watch
from tests.waiting import until
from tests.watched import error_info

pytestmark = pytest.mark.unit


async def leave_unfinished(stand: Stand, detached: bool) -> tuple[RenderRecord, list[bytes]]:
    """A data folder as a killed process leaves it: the record says RUNNING, some segments are there."""
    stand.animator.faults.hang("batch", 40)
    async with stand.gateway() as gateway:
        render = await gateway.renders.start(order(60, detached=True))
        await until(lambda: "batch" in stand.animator.faults.waiting)
        segments = [(await render.log.read(sequence)).data for sequence in range(render.log.count)]
    stand.animator.faults.clear()
    stand.compositor.made.clear()
    database = await Database.open(stand.data / "gateway.sqlite", SCHEMA)
    store = SqliteRenderStore(database)
    (record,) = await store.unfinished()
    if not detached:
        await store.update(replace(record, detached=False))
    await database.close()
    assert stand.files() == [record.id]
    assert len(segments) > 3
    return record, segments


async def test_a_detached_render_is_made_again_with_the_same_bytes(stand: Stand) -> None:
    record, segments = await leave_unfinished(stand, detached=True)
    async with stand.serving() as served:
        name = f"renders/{record.id}"
        rest = await read(served.stub.WatchRender(watch(name, after=len(segments) - 1)))
        whole = await read(served.stub.WatchRender(watch(name)))
    assert whole.video == b"".join(segments) + rest.video
    assert whole.receipt is not None
    assert whole.receipt.render_duration.ToMicroseconds() > 0
    assert len(stand.compositor.made) == 1


async def test_a_render_left_by_an_older_gateway_is_made_again(stand: Stand) -> None:
    record, _ = await leave_unfinished(stand, detached=True)
    database = await Database.open(stand.data / "gateway.sqlite", SCHEMA)
    await database.run(
        lambda connection: connection.execute(
            "UPDATE renders SET record = json_remove("
            "json_set(record, '$.spec.script', json_extract(record, '$.spec.speech')), "
            "'$.spec.speech', '$.spec.acting')"
        )
    )
    await database.close()
    async with stand.serving() as served:
        assert (await read(served.stub.WatchRender(watch(f"renders/{record.id}")))).receipt


async def test_a_render_whose_caller_is_gone_has_failed(stand: Stand) -> None:
    record, _ = await leave_unfinished(stand, detached=False)
    async with stand.serving() as served:
        assert stand.files() == []
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await read(served.stub.WatchRender(watch(f"renders/{record.id}")))
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert error_info(caught.value).reason == "SERVER_DRAINING"
    assert stand.compositor.made == []


async def test_a_render_out_of_time_is_not_made_again(stand: Stand) -> None:
    record, _ = await leave_unfinished(stand, detached=True)
    database = await Database.open(stand.data / "gateway.sqlite", SCHEMA)
    await database.run(
        lambda connection: connection.execute(
            "UPDATE renders SET record = json_set(record, '$.spec.finish_within_ms', 1)"
        )
    )
    await database.close()
    async with stand.serving() as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await read(served.stub.WatchRender(watch(f"renders/{record.id}")))
        assert error_info(caught.value).reason == "DEADLINE_EXCEEDED"


async def crash(stand: Stand) -> int:
    """Begin the render that was left, end without a word, and return how often it had been taken up by then."""
    async with stand.serving() as served:
        (render,) = served.gateway.renders.live.values()
        await asyncio.shield(render.admitted)
        left = render.record
        render.stop(cancelled())
        await render.finished()
    await store_left(stand, replace(left, trace_id=""))
    return left.taken_up


async def store_left(stand: Stand, record: RenderRecord) -> None:
    database = await Database.open(stand.data / "gateway.sqlite", SCHEMA)
    await SqliteRenderStore(database).update(record)
    await database.close()


async def test_a_render_that_processes_crash_with_is_given_up(stand: Stand) -> None:
    record, _ = await leave_unfinished(stand, detached=True)
    stand.animator.faults.hang("batch")
    assert [await crash(stand) for _ in range(3)] == [1, 2, 3]
    async with stand.serving() as served:
        assert not served.gateway.renders.live
        assert stand.files() == []
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await read(served.stub.WatchRender(watch(f"renders/{record.id}")))
    assert error_info(caught.value).reason == "INTERNAL"
    assert "ended 4 times" in str(caught.value.details())


async def test_ends_in_order_do_not_count_as_crashes(stand: Stand) -> None:
    record, _ = await leave_unfinished(stand, detached=True)
    stand.animator.faults.hang("batch")
    for _ in range(4):
        async with stand.serving() as served:
            assert served.gateway.renders.live[record.id].record.taken_up == 1
            await until(lambda: "batch" in stand.animator.faults.waiting)
    stand.animator.faults.clear()
    async with stand.serving() as served:
        seen = await read(served.stub.WatchRender(watch(f"renders/{record.id}")))
    assert seen.receipt is not None


async def test_folders_of_unknown_renders_are_removed(stand: Stand) -> None:
    orphan = stand.data / "renders" / "0123"
    orphan.mkdir(parents=True)
    (orphan / "video").write_bytes(b"left over")
    async with stand.gateway():
        assert stand.files() == []


async def test_ended_renders_survive(stand: Stand) -> None:
    async with stand.gateway() as gateway:
        render = await gateway.renders.start(order(detached=True))
        await render.finished()
    async with stand.gateway() as gateway:
        again = await gateway.renders.find(render.record.id)
        assert again.record == render.record
        assert [event async for event in follow(again)][-1] == render.record.receipt


async def test_another_schema_is_refused(stand: Stand) -> None:
    async with stand.gateway():
        pass
    database = await Database.open(stand.data / "gateway.sqlite")
    await database.run(lambda connection: connection.execute("PRAGMA user_version = 99"))
    await database.close()
    with pytest.raises(RuntimeError, match="schema version 99"):
        async with stand.gateway():
            pass


class TestDrain:
    async def test_what_runs_finishes_and_nothing_new_begins(self, stand: Stand) -> None:
        stand.animator.faults.delay("batch", 0.005)
        async with stand.gateway() as gateway:
            attached = await gateway.renders.start(order(20))
            detached = await gateway.renders.start(order(20, detached=True))
            reading = asyncio.create_task(self.read(attached))
            draining = asyncio.create_task(gateway.renders.drain(60))
            await asyncio.sleep(0)
            with pytest.raises(Unavailable) as caught:
                await gateway.renders.start(order())
            assert caught.value.reason is Reason.SERVER_DRAINING
            await draining
            assert await reading == await self.read(detached) > 0
            assert {attached.record.state, detached.record.state} == {RenderState.SUCCEEDED}

    async def test_what_is_not_done_in_time_ends_or_waits_for_the_next_process(self, stand: Stand) -> None:
        stand.animator.faults.hang("batch", 30)
        async with stand.gateway() as gateway:
            attached = await gateway.renders.start(order(40))
            detached = await gateway.renders.start(order(40, detached=True))
            reading = asyncio.create_task(self.read(attached))
            await until(lambda: stand.animator.open_sessions == 2)
            await gateway.renders.drain(0.05)
            assert stand.idle
            for watched in (reading, asyncio.create_task(self.read(detached))):
                with pytest.raises(Unavailable) as caught:
                    await watched
                assert caught.value.reason is Reason.SERVER_DRAINING
            assert attached.record.state is RenderState.FAILED
            assert (await gateway.renders.get(attached.record.id)).state is RenderState.FAILED
            assert not detached.record.state.ended
        stand.animator.faults.clear()
        async with stand.serving() as served:
            seen = await read(served.stub.WatchRender(watch(f"renders/{detached.record.id}")))
            assert seen.receipt is not None

    async def read(self, render: LiveRender) -> int:
        events = follow(render, attached=not render.record.detached)
        return sum([isinstance(event, Segment) async for event in events])


async def test_scripts_are_forgotten_when_their_renders_have_ended(stand: Stand) -> None:
    async with stand.gateway() as gateway:
        render = await gateway.renders.start(order(detached=True))
        await render.finished()
    database = (stand.data / "gateway.sqlite").read_bytes()
    assert render.record.id.encode() in database
    assert b"word1" not in database
