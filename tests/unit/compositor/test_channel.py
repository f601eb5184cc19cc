import asyncio

import pytest

from likeness_compositor.channel import Channel

pytestmark = pytest.mark.unit


async def test_items_come_in_order_until_it_is_closed() -> None:
    channel: Channel[int] = Channel(3)
    for item in range(3):
        await channel.put(item)
    await channel.close()
    assert [item async for item in channel] == [0, 1, 2]


async def test_a_full_channel_makes_its_producer_wait() -> None:
    channel: Channel[int] = Channel(1)
    await channel.put(0)
    waiting = asyncio.create_task(channel.put(1))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    assert await anext(channel) == 0
    await waiting
    assert await anext(channel) == 1


async def test_an_error_reaches_both_sides_and_stays() -> None:
    channel: Channel[int] = Channel(1)
    await channel.put(0)
    waiting = asyncio.create_task(channel.put(1))
    await asyncio.sleep(0)
    await channel.close(ValueError("first"))
    await channel.close(ValueError("second"))
    for attempt in (waiting, channel.put(2), anext(channel)):
        with pytest.raises(ValueError, match="first"):
            await attempt


async def test_nothing_can_be_put_into_a_closed_channel() -> None:
    channel: Channel[int] = Channel(1)
    await channel.close()
    with pytest.raises(RuntimeError, match="closed"):
        await channel.put(0)
