"""Several animators behind one name: the one that is reached need not have the portrait."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from likeness_common.errors import LikenessError, NotFound, Reason
from likeness_common.media import Portrait
from likeness_common.stages.animator import AnimationOptions, AnimationSession, Animator, EngineInfo
from likeness_gateway.gateway import Gateway
from likeness_gateway.model import RenderState
from likeness_gateway.renders.live import LiveRender
from tests.fakes.animator import FakeAnimation, FakeAnimator
from tests.unit.gateway.conftest import Stand
from tests.unit.gateway.requests import order

pytestmark = pytest.mark.unit


class Hosts(Animator):
    """Sends every call to the next of several animators."""

    def __init__(self, count: int) -> None:
        self.all = [FakeAnimator() for _ in range(count)]
        self.opened = 0
        self._calls = 0

    def _next(self) -> FakeAnimator:
        self._calls += 1
        return self.all[self._calls % len(self.all)]

    async def engines(self) -> Sequence[EngineInfo]:
        return await self.all[0].engines()

    async def upload_portrait(self, image: bytes) -> Portrait:
        return await self._next().upload_portrait(image)

    async def get_portrait(self, portrait_id: str) -> Portrait:
        return await self._next().get_portrait(portrait_id)

    @asynccontextmanager
    async def open(self, portrait_id: str, options: AnimationOptions) -> AsyncIterator[AnimationSession]:
        self.opened += 1
        async with self._next().open(portrait_id, options) as session:
            yield session


class Forgetful(FakeAnimator):
    """Loses every portrait before it is used."""

    @asynccontextmanager
    async def open(self, portrait_id: str, options: AnimationOptions) -> AsyncIterator[FakeAnimation]:
        self.portraits.clear()
        async with super().open(portrait_id, options) as session:
            yield session


async def rendered(stand: Stand, animator: Animator) -> LiveRender:
    gateway = await Gateway.create(stand.speech, animator, stand.compositor, stand.settings())
    try:
        render = await gateway.renders.start(order(detached=True))
        await render.finished()
    finally:
        await gateway.close()
    return render


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("holder", [0, 1])
async def test_the_host_that_lacks_the_portrait_is_sent_it(stand: Stand, count: int, holder: int) -> None:
    hosts = Hosts(count)
    await hosts.all[holder % count].upload_portrait(order().image)
    render = await rendered(stand, hosts)
    assert render.record.failure is None
    assert render.record.state is RenderState.SUCCEEDED


async def test_an_animator_that_never_has_the_portrait_is_asked_three_times(stand: Stand) -> None:
    animator = Forgetful()
    render = await rendered(stand, animator)
    assert isinstance(render.error, NotFound)
    assert render.error.reason is Reason.PORTRAIT_NOT_FOUND
    assert animator.faults.passed["open"] == 3


async def test_what_else_is_not_found_is_not_tried_again(stand: Stand) -> None:
    stand.animator.faults.fail("open", NotFound(Reason.ENGINE_UNKNOWN, "no such engine"))
    render = await rendered(stand, stand.animator)
    assert isinstance(render.error, LikenessError)
    assert render.error.reason is Reason.ENGINE_UNKNOWN
    assert stand.animator.faults.passed["upload"] == 1
