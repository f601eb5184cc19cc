"""The gateway put together, over stages of any body."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import BinaryIO, Self

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc
from prometheus_client import CollectorRegistry

from likeness.gateway.v1 import render_service_pb2, render_service_pb2_grpc
from likeness_common.errors import Unavailable
from likeness_common.server import Service
from likeness_common.stages.animator import Animator
from likeness_common.stages.compositor import Compositor
from likeness_common.stages.speech import Speech
from likeness_common.telemetry.tracing import EXPORT_DELAY_MS
from likeness_gateway.catalogue import Catalogue
from likeness_gateway.database import Database
from likeness_gateway.folder import DATABASE_NAME, PORTRAITS, RENDERS, take_folder
from likeness_gateway.metrics import Metrics
from likeness_gateway.model import RenderRecord
from likeness_gateway.pipeline import Pipeline, Stages
from likeness_gateway.portraits import Portraits
from likeness_gateway.renders import sqlite_store
from likeness_gateway.renders.admission import Admission
from likeness_gateway.renders.housekeeping import Housekeeping
from likeness_gateway.renders.manager import RenderManager
from likeness_gateway.renders.runner import Runner
from likeness_gateway.routing import TIERS
from likeness_gateway.servicer import RenderServicer
from likeness_gateway.settings import MIB, Settings
from likeness_gateway.traces import SCHEMA, TraceStore
from likeness_gateway.traces.otlp import TraceCollector
from likeness_gateway.traces.processor import StoreSpanProcessor
from likeness_gateway.utterances import Utterances
from likeness_gateway.worker import Worker

log = logging.getLogger(__name__)

_ASK_AGAIN_S = 0.5
_LAST_SPANS_S = 3 * EXPORT_DELAY_MS / 1000


class Gateway:
    """One gateway: `create` it inside the event loop, serve `service()`, and `close` it.

    `service().register` also begins the work: it takes up the renders that an earlier process left.
    """

    def __init__(self, stages: Stages, settings: Settings, database: Database, registry: CollectorRegistry) -> None:
        directory, limits = settings.data_dir / RENDERS, settings.limits()
        self._settings = settings
        self._database = database
        self._disk = Worker("disk")
        self.traces = TraceStore(database)
        self._catalogue = Catalogue(stages)
        self._utterances = Utterances(self._catalogue, stages.speech, settings.max_video_s)
        self._portraits = Portraits(
            settings.data_dir / PORTRAITS, settings.keep_portraits_mib * MIB, stages.animator, self._disk
        )
        store = sqlite_store.SqliteRenderStore(database)
        pipeline = Pipeline(stages, self._portraits)
        self._admission = Admission(
            self._catalogue, self._utterances, self._portraits, self.traces, directory, self._disk, limits
        )
        self._runner = Runner(pipeline, store, limits, Metrics(registry))
        self.renders = RenderManager(store, self._admission, self._runner)
        self.housekeeping = Housekeeping(store, self.traces, directory, self._disk, limits)
        self._left: list[RenderRecord] = []
        self._lock: BinaryIO | None = None
        self._sweeping: asyncio.Task[None] | None = None

    @classmethod
    async def create(
        cls,
        speech: Speech,
        animator: Animator,
        compositor: Compositor,
        settings: Settings,
        registry: CollectorRegistry | None = None,
    ) -> Self:
        """Open the data folder and clear up after an earlier process. `registry` takes the metrics.

        Raises FailedPrecondition when another gateway uses the folder.
        """
        lock = take_folder(settings.data_dir)
        try:
            database = await Database.open(settings.data_dir / DATABASE_NAME, sqlite_store.SCHEMA, SCHEMA)
        except BaseException:
            lock.close()
            raise
        stages = Stages(speech, animator, compositor)
        gateway = cls(stages, settings, database, registry or CollectorRegistry())
        gateway._lock = lock
        try:
            gateway._left = await gateway.housekeeping.take_over()
        except BaseException:
            await gateway.close()
            raise
        return gateway

    async def service(self) -> Service:
        """What to serve, with a health name for every engine of the tier table and of the animator."""
        return Service(
            name="gateway",
            proto_services=[render_service_pb2.DESCRIPTOR.services_by_name["RenderService"].full_name],
            register=self._register,
            engines=_health_of(await self._engines()),
            health=self._health,
            drain=self._drain,
            close=self.close,
            span_processors=[StoreSpanProcessor(self.traces)],
        )

    async def _drain(self) -> None:
        """Let running renders end, and stay until the last spans of the other services have come."""
        anything_ran = self.renders.running
        await self.renders.drain(self._settings.grace_s)
        if anything_ran:
            await asyncio.sleep(_LAST_SPANS_S)

    async def close(self) -> None:
        """Stop everything and close the data folder."""
        await self.renders.drain(0)
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.wait({self._sweeping})
        await self._disk.close()
        await self._database.close()
        if self._lock is not None:
            self._lock.close()

    def _register(self, server: grpc.aio.Server) -> None:
        servicer = RenderServicer(self.renders, self._portraits, self._catalogue, self._utterances, self.traces)
        render_service_pb2_grpc.add_RenderServiceServicer_to_server(servicer, server)
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(  # type: ignore[no-untyped-call]  # has no stubs
            TraceCollector(self.traces), server
        )
        for record in self._left:
            if record.spec is not None:
                self._runner.relaunch(self._admission.revive(record, record.spec))
        self._left = []
        self._sweeping = asyncio.create_task(self.housekeeping.sweep_forever())

    async def _health(self) -> dict[str, bool]:
        """Which engines work now. Raises Unavailable when a service does not answer."""
        offer = await self._catalogue.offer()
        return _health_of({engine.name: engine.available for engine in offer.engines})

    async def _engines(self) -> dict[str, bool]:
        """Whether each engine of the animator works; waits for services that are still starting."""
        give_up_at = time.monotonic() + self._settings.services_wait_s
        while True:
            try:
                offer = await self._catalogue.offer()
            except Unavailable as error:
                if time.monotonic() > give_up_at:
                    log.warning("serving without knowing the engines: %s", error.message)
                    return {}
                await asyncio.sleep(_ASK_AGAIN_S)
            else:
                return {engine.name: engine.available for engine in offer.engines}


def _health_of(engines: Mapping[str, bool]) -> dict[str, bool]:
    """Health names of these engines and of those that the tiers need."""
    return {f"engine.{name}": works for name, works in ({row.engine: False for row in TIERS} | dict(engines)).items()}
