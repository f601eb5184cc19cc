"""A gateway over fake stages, served over real gRPC."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest

from likeness.gateway.v1 import render_service_pb2_grpc
from likeness_common.grpc_errors import ErrorInterceptor
from likeness_gateway.gateway import Gateway
from likeness_gateway.settings import Settings
from tests.fakes.animator import FakeAnimator
from tests.fakes.compositor import FakeCompositor
from tests.fakes.speech import FakeSpeech

if TYPE_CHECKING:
    from likeness.gateway.v1.render_service_pb2_grpc import RenderServiceAsyncStub


class Stand:
    """Fake stages, and gateways over them that share one data folder."""

    def __init__(self, directory: Path) -> None:
        self.speech = FakeSpeech()
        self.animator = FakeAnimator()
        self.compositor = FakeCompositor()
        self.data = directory / "data"

    def settings(self, **changes: object) -> Settings:
        """Settings that read no environment."""
        return Settings.model_validate({"data_dir": self.data, "services_wait_s": 0, "grace_s": 5, **changes})

    @asynccontextmanager
    async def gateway(self, **changes: object) -> AsyncIterator[Gateway]:
        """A gateway without a server."""
        gateway = await Gateway.create(self.speech, self.animator, self.compositor, self.settings(**changes))
        try:
            yield gateway
        finally:
            await gateway.close()

    @asynccontextmanager
    async def serving(self, **changes: object) -> AsyncIterator["Served"]:
        """A gateway with a server, and a client of it."""
        async with self.gateway(**changes) as gateway:
            service = await gateway.service()
            server = grpc.aio.server(interceptors=[ErrorInterceptor()])
            service.register(server)
            port = server.add_insecure_port("127.0.0.1:0")
            await server.start()
            try:
                async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                    yield Served(gateway, channel, f"127.0.0.1:{port}")
            finally:
                await server.stop(0)

    @property
    def idle(self) -> bool:
        """Whether no stage has anything open."""
        return not (self.speech.open or self.animator.open_sessions or self.compositor.open_sessions)

    def files(self) -> list[str]:
        """Folders of renders."""
        renders = self.data / "renders"
        return sorted(path.name for path in renders.iterdir()) if renders.exists() else []


class Served:
    """A running gateway and a client of it."""

    def __init__(self, gateway: Gateway, channel: grpc.aio.Channel, address: str) -> None:
        self.gateway = gateway
        self.channel = channel
        self.address = address
        self.stub: RenderServiceAsyncStub = render_service_pb2_grpc.RenderServiceStub(channel)


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


@pytest.fixture
async def served(stand: Stand) -> AsyncIterator[Served]:
    async with stand.serving() as served:
        yield served
