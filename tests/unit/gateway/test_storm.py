"""Many renders at once, with faults and callers that come and go: whatever happens, nothing is left."""

import asyncio
import random
from contextlib import aclosing
from typing import Any

import pytest

from likeness_common.errors import LikenessError, Reason, Unavailable
from likeness_gateway.gateway import Gateway
from likeness_gateway.model import RenderState
from likeness_gateway.renders.live import LiveRender
from likeness_gateway.renders.watch import watch
from tests.fakes.faults import Faults
from tests.unit.gateway.conftest import Stand
from tests.unit.gateway.requests import order
from tests.waiting import until

pytestmark = pytest.mark.unit

POINTS = {
    "speech": ["synthesize", "word", "end"],
    "animator": ["get", "open", "push", "finish", "batch", "end"],
    "compositor": ["open", "audio", "frames", "finish", "segment", "end"],
}
ROUNDS = 12


async def follow(render: LiveRender, rng: random.Random) -> None:
    """Read at an uneven pace, and perhaps leave."""
    async with aclosing(watch(render, attached=not render.record.detached)) as events:
        async for _ in events:
            if rng.random() < 0.03:
                return
            if rng.random() < 0.1:
                await asyncio.sleep(rng.random() * 0.01)


async def call(gateway: Gateway, rng: random.Random) -> None:
    """One caller."""
    try:
        render = await gateway.renders.start(order(rng.choice([1, 5, 40]), detached=rng.random() < 0.3))
    except LikenessError as refused:
        assert refused.reason is Reason.SERVER_BUSY  # noqa: PT017  # the other outcome is as good
        return
    following = asyncio.create_task(follow(render, rng))
    await asyncio.sleep(rng.random() * 0.05)
    if rng.random() < 0.2:
        await gateway.renders.cancel(render.record.id)
    if rng.random() < 0.3:
        following.cancel()
    await asyncio.wait({following})
    assert following.cancelled() or isinstance(following.exception(), LikenessError | None)


def disturb(faults: dict[str, Faults], rng: random.Random) -> None:
    """Let up to two points of the stages misbehave."""
    for _ in range(rng.randint(0, 2)):
        service = rng.choice(sorted(faults))
        point = rng.choice(POINTS[service])
        match rng.randrange(3):
            case 0:
                faults[service].fail(point, Unavailable(Reason.SERVICE_UNREACHABLE, "gone"), rng.randint(0, 20))
            case 1:
                faults[service].fail(point, ValueError("bug"), rng.randint(0, 20))
            case 2:
                faults[service].delay(point, rng.random() * 0.004)


@pytest.mark.parametrize("seed", range(2))
async def test_nothing_is_left_of_a_storm(stand: Stand, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  # chooses faults
    unhandled: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context))
    faults = {"speech": stand.speech.faults, "animator": stand.animator.faults, "compositor": stand.compositor.faults}
    async with stand.gateway(max_concurrent_renders=3, max_queued_renders=4) as gateway:
        before = asyncio.all_tasks()
        for _ in range(ROUNDS):
            disturb(faults, rng)
            await asyncio.gather(*(call(gateway, rng) for _ in range(rng.randint(1, 9))))
            for fault in faults.values():
                fault.clear()
                fault.passed.clear()
            await until(lambda: not gateway.renders.live)
            assert stand.idle
            assert asyncio.all_tasks() == before
        records = await gateway.renders.page(1000, None)
        kept = {record.id for record in records if record.segment_count}
        assert set(stand.files()) >= kept
        gone = {record.id for record in records if record.state is RenderState.CANCELLED}
        gone |= {record.id for record in records if record.state is RenderState.FAILED and not record.detached}
        assert not gone & set(stand.files())
        assert {record.state.ended for record in records} == {True}
    assert unhandled == []
