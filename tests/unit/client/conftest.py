"""A fake gateway and a client of it."""

from collections.abc import AsyncIterator

import pytest

from likeness_client.client import LikenessClient
from likeness_client.model import RenderSpec
from likeness_client.resume import RetryPolicy
from likeness_common.stages.speech import Script
from tests.unit.client.fake_gateway import FakeGateway, serving


@pytest.fixture
def fake() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
async def address(fake: FakeGateway) -> AsyncIterator[str]:
    async with serving(fake) as address:
        yield address


@pytest.fixture
async def client(address: str) -> AsyncIterator[LikenessClient]:
    async with LikenessClient(address) as client:
        yield client


@pytest.fixture
def spec() -> RenderSpec:
    return RenderSpec(Script("Hello."), portrait_image=b"photo")


@pytest.fixture
def policy() -> RetryPolicy:
    return RetryPolicy(attempts=3, first_delay_s=0.01, max_delay_s=0.02)
