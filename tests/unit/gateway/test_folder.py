"""The data folder belongs to one gateway."""

import pytest

from likeness_common.errors import FailedPrecondition
from likeness_gateway.model import RenderState
from tests.unit.gateway.conftest import Stand
from tests.unit.gateway.requests import order
from tests.waiting import until

pytestmark = pytest.mark.unit


async def test_a_second_gateway_is_refused_and_leaves_the_first_ones_renders(stand: Stand) -> None:
    stand.animator.faults.hang("batch", 20)
    async with stand.gateway() as gateway:
        render = await gateway.renders.start(order(60, detached=True))
        await until(lambda: "batch" in stand.animator.faults.waiting)
        with pytest.raises(FailedPrecondition, match="in use by another gateway; stop that one") as caught:
            async with stand.gateway():
                pytest.fail("two gateways opened one folder")
        assert str(stand.data) in caught.value.message
        assert stand.files() == [render.record.id]
        assert (await gateway.renders.get(render.record.id)).state is RenderState.RUNNING


async def test_a_closed_gateway_leaves_the_folder_to_the_next(stand: Stand) -> None:
    for _ in range(2):
        async with stand.gateway() as gateway:
            assert not gateway.renders.running


@pytest.mark.parametrize("existing", [False, True])
async def test_what_callers_sent_is_for_the_owner_only(stand: Stand, existing: bool) -> None:
    if existing:
        stand.data.mkdir(mode=0o755)
    async with stand.gateway() as gateway:
        render = await gateway.renders.start(order(detached=True))
        await render.finished()
        assert render.record.state is RenderState.SUCCEEDED
        modes = {path.name: path.stat().st_mode & 0o777 for path in (stand.data, *stand.data.iterdir())}
    assert modes.pop("data") == (0o755 if existing else 0o700)
    assert modes.pop("gateway.lock") & 0o600
    assert modes.pop("renders") == modes.pop("portraits") == 0o700
    assert set(modes) >= {"gateway.sqlite", "gateway.sqlite-wal"}
    assert set(modes.values()) == {0o600}
