"""What every store of renders promises. Another body needs one more entry in `BODIES`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from likeness_common.errors import Reason
from likeness_common.media import Acting, Expression, VideoFormat
from likeness_common.stages.speech import Recording, Script
from likeness_gateway.database import Database
from likeness_gateway.model import (
    Consent,
    ConsentKind,
    Failure,
    Notice,
    Plan,
    Quote,
    Receipt,
    RenderRecord,
    RenderSpec,
    RenderState,
    StageUsage,
    Tier,
)
from likeness_gateway.renders.sqlite_store import SCHEMA, SqliteRenderStore
from likeness_gateway.renders.store import Cursor, RenderStore, RequestIdTaken

pytestmark = pytest.mark.contract

Body = Callable[[Path], AbstractAsyncContextManager[RenderStore]]


@asynccontextmanager
async def sqlite(directory: Path) -> AsyncIterator[RenderStore]:
    database = await Database.open(directory / "renders.sqlite", SCHEMA)
    try:
        yield SqliteRenderStore(database)
    finally:
        await database.close()


BODIES: dict[str, Body] = {"sqlite": sqlite}


@pytest.fixture(params=BODIES)
def body(request: pytest.FixtureRequest) -> Body:
    return BODIES[request.param]


@pytest.fixture
async def store(body: Body, tmp_path: Path) -> AsyncIterator[RenderStore]:
    async with body(tmp_path) as store:
        yield store


SPEC = RenderSpec(
    Script('Gr\u00fc\u00dfe \u2014 \u4f60\u597d \U0001f600 "quoted" \\ \n', rate=1.25),
    "0" * 64,
    VideoFormat(64, 64, 30),
    tier=Tier.HIGH,
    max_cost_micros=0,
    finish_within_ms=5000,
    seed=2**64 - 1,
    consent=Consent(ConsentKind.AUTHORISED, "contract 7"),
)


RECORDED = replace(SPEC, speech=Recording(bytes(range(256))), acting=Acting(Expression.WARM, 0.5, True))


def record(number: int, **changes: object) -> RenderRecord:
    """A queued render that was asked for in second `number`."""
    base = RenderRecord(
        id=f"{number:032x}",
        spec=SPEC,
        body_sha256="ab" * 32,
        plan=Plan(Tier.DRAFT, "local", "mesh", "espeak"),
        quote=Quote(12, 3_000_000, 900_000),
        create_time_us=number * 1_000_000,
        trace_id=f"{number:031x}f",
        portrait_id=SPEC.portrait_id,
        consent=SPEC.consent,
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # the callers pass its fields


def ended(number: int, size: int = 10, **changes: object) -> RenderRecord:
    """A render that ended a second after it was asked for."""
    return record(
        number,
        state=RenderState.SUCCEEDED,
        spec=None,
        end_time_us=(number + 1) * 1_000_000,
        byte_count=size,
        segment_count=2,
        **changes,
    )


RECEIPT = Receipt(
    quoted=Quote(12, 3_000_000, 900_000),
    cost_micros=12,
    video_us=3_000_000,
    render_us=800_000,
    work_us=790_000,
    first_segment_us=150_000,
    frame_count=90,
    segment_count=4,
    byte_count=1000,
    stages=(StageUsage("tts", 1, 2, 12), StageUsage("animator", 3, 4)),
    trace_id="f" * 32,
)
FAILURE = Failure("Unavailable", Reason.SERVICE_UNREACHABLE, "gone", "spec.script", {"service": "tts"})


@pytest.mark.parametrize(
    "written",
    [
        record(1),
        record(
            1, detached=True, request_id="r", state=RenderState.RUNNING, notices=(Notice("A", "b"), Notice("C", ""))
        ),
        record(1, spec=RECORDED),
        ended(1, receipt=RECEIPT),
        ended(1, failure=FAILURE),
    ],
)
async def test_records_come_back_as_they_were(store: RenderStore, written: RenderRecord) -> None:
    await store.insert(written)
    assert await store.get(written.id) == written
    assert await store.ids() == {written.id}


async def test_what_is_not_there_is_none(store: RenderStore) -> None:
    assert await store.get("0" * 32) is None
    assert await store.by_request_id("r") is None
    assert await store.page(10) == []
    assert await store.unfinished() == []


async def test_updates_replace(store: RenderStore) -> None:
    await store.insert(record(1, request_id="r"))
    await store.update(ended(1, request_id="r", receipt=RECEIPT))
    assert await store.get(record(1).id) == ended(1, request_id="r", receipt=RECEIPT)
    assert await store.by_request_id("r") == ended(1, request_id="r", receipt=RECEIPT)
    assert await store.unfinished() == []


async def test_recordings_are_kept_until_the_render_has_ended(store: RenderStore) -> None:
    await store.insert(record(1, spec=RECORDED))
    await store.update(record(1, spec=RECORDED, state=RenderState.RUNNING))
    (found,) = await store.unfinished()
    assert found.spec == RECORDED
    await store.update(ended(1))
    assert await store.get(record(1).id) == ended(1)
    assert await store.unfinished() == []


async def test_pages_leave_recordings_out(store: RenderStore) -> None:
    await store.insert(record(1, spec=RECORDED))
    (found,) = await store.page(10)
    assert found == record(1, spec=replace(RECORDED, speech=Recording(b"")))


async def test_updating_what_is_not_there_does_nothing(store: RenderStore) -> None:
    await store.update(record(1))
    assert await store.ids() == frozenset()


async def test_a_request_id_belongs_to_one_render(store: RenderStore) -> None:
    await store.insert(record(1, request_id="r"))
    with pytest.raises(RequestIdTaken):
        await store.insert(record(2, request_id="r"))
    assert await store.get(record(2).id) is None
    found = await store.by_request_id("r")
    assert found is not None
    assert found.id == record(1).id


async def test_renders_without_a_request_id_are_all_different(store: RenderStore) -> None:
    await store.insert(record(1))
    await store.insert(record(2))
    assert len(await store.ids()) == 2


async def test_a_new_attempt_takes_the_request_id_over(store: RenderStore) -> None:
    await store.insert(ended(1, request_id="r", failure=FAILURE))
    await store.insert(record(2, request_id="r"), replacing=record(1).id)
    found = await store.by_request_id("r")
    assert found is not None
    assert found.id == record(2).id
    assert await store.get(record(1).id) is not None
    with pytest.raises(RequestIdTaken):
        await store.insert(record(3, request_id="r"), replacing=record(1).id)
    assert (await store.by_request_id("r")) == found


async def test_of_several_at_once_one_wins(store: RenderStore) -> None:
    results = await asyncio.gather(
        *(store.insert(record(number, request_id="r")) for number in range(1, 9)), return_exceptions=True
    )
    assert results.count(None) == 1
    assert sum(isinstance(result, RequestIdTaken) for result in results) == 7
    assert len(await store.ids()) == 1


async def test_pages_go_from_new_to_old(store: RenderStore) -> None:
    for number in (3, 1, 5, 2, 4):
        await store.insert(record(number))
    await store.insert(record(99, create_time_us=3_000_000))
    pages, after = [], None
    while page := await store.page(4, after):
        pages.append([int(found.id, 16) for found in page])
        after = Cursor(page[-1].create_time_us, page[-1].id)
    assert pages == [[5, 4, 99, 3], [2, 1]]


async def test_unfinished_ones_are_found_the_oldest_first(store: RenderStore) -> None:
    await store.insert(ended(1))
    await store.insert(record(3, state=RenderState.RUNNING))
    await store.insert(record(2))
    assert [int(found.id, 16) for found in await store.unfinished()] == [2, 3]


@pytest.mark.parametrize(
    ("ended_before_us", "max_bytes", "max_records", "forgotten"),
    [
        (0, 10**12, 10**6, set()),
        (4_000_000, 10**12, 10**6, {1, 2}),
        (0, 25, 10**6, {1, 2}),
        (0, 9, 10**6, {1, 2, 3, 4}),
        (0, 10**12, 3, {1}),
        (10**12, 0, 0, {1, 2, 3, 4}),
    ],
)
async def test_old_ones_and_those_beyond_the_limits_are_expired(
    store: RenderStore, ended_before_us: int, max_bytes: int, max_records: int, forgotten: set[int]
) -> None:
    for number in (2, 4, 1, 3):
        await store.insert(ended(number))
    await store.insert(record(5, byte_count=10**9))
    expired = await store.expired(ended_before_us, max_bytes, max_records)
    assert {int(render_id, 16) for render_id in expired} == forgotten


async def test_what_is_deleted_is_gone_and_its_request_id_free(store: RenderStore) -> None:
    for number in (1, 2, 3):
        await store.insert(ended(number, request_id=f"r{number}"))
    await store.delete([record(1).id, record(3).id])
    await store.delete([])
    assert await store.ids() == {record(2).id}
    assert await store.by_request_id("r1") is None
    await store.insert(record(4, request_id="r1"))


async def test_records_survive_being_closed(body: Body, tmp_path: Path) -> None:
    async with body(tmp_path) as store:
        await store.insert(record(1, request_id="r"))
    async with body(tmp_path) as store:
        assert await store.by_request_id("r") == record(1, request_id="r")
        with pytest.raises(RequestIdTaken):
            await store.insert(record(2, request_id="r"))
