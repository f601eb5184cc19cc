"""The gateway's API as Python: plain data in, plain data out, errors of likeness_common.errors."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from likeness.gateway.v1 import render_service_pb2 as pb
from likeness.gateway.v1 import render_service_pb2_grpc
from likeness.media.v1 import portrait_pb2
from likeness_client.convert.catalog import estimate_from, tier_info_from, trace_from
from likeness_client.convert.render import render_from
from likeness_client.convert.spec import spec_to
from likeness_client.model import Estimate, EventStream, OnDisconnect, Render, RenderSpec, TierInfo, Trace
from likeness_client.portraits import read_portrait
from likeness_client.stream import read_events
from likeness_common.clients.channel import open_channel, rpc_errors
from likeness_common.clients.upload import pieces, upload
from likeness_common.convert.animation import engine_from
from likeness_common.convert.media import portrait_from
from likeness_common.convert.renders import on_disconnect_to
from likeness_common.convert.speech import voice_from
from likeness_common.media import Portrait
from likeness_common.stages.animator import EngineInfo
from likeness_common.stages.speech import Recording, VoiceInfo
from likeness_common.validation.portrait import MAX_INLINE_BYTES

GATEWAY = "gateway"
"""Metadata `service` of errors that come from the connection rather than from the server."""

_PAGE_SIZE = 50


class LikenessClient:
    """A connection to the gateway at `address` (host:port, or unix:/path). Use as an async context manager.

    Every method raises a subclass of LikenessError: what the gateway sent, or Unavailable (SERVICE_UNREACHABLE) when
    it could not be reached. `outlives_us` says whether the server goes on when this process ends: then renders can
    survive dropped connections.
    """

    def __init__(self, address: str, *, outlives_us: bool = True) -> None:
        self.address = address
        self.outlives_us = outlives_us

    async def __aenter__(self) -> Self:
        self._channel = open_channel(self.address)
        self._stub = render_service_pb2_grpc.RenderServiceStub(self._channel)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._channel.close()

    async def render(
        self, spec: RenderSpec, *, request_id: str = "", on_disconnect: OnDisconnect = OnDisconnect.CANCEL
    ) -> EventStream:
        """Render and stream: Accepted, then Progress, Notice and Segment as they come, then Receipt.

        Closing the iterator drops the connection; `on_disconnect` says what that does to the render. The same
        `request_id` (a UUID4; by default a new one) with the same spec replays the same render. See ResumableRender
        for a stream that survives dropped connections.
        """
        spec = await self._with_small_request(spec)
        request = pb.RenderVideoRequest(
            request_id=request_id or _new_id(), spec=spec_to(spec), on_disconnect=on_disconnect_to(on_disconnect)
        )
        call = self._stub.RenderVideo(request)
        try:
            with rpc_errors(GATEWAY):
                async with aclosing(read_events(aiter(call), None)) as events:
                    async for event in events:
                        yield event
        finally:
            call.cancel()

    async def watch(self, name: str, after_sequence: int | None = None) -> EventStream:
        """Stream a render, running or ended, from the segment after `after_sequence` on (None: from the start)."""
        call = self._stub.WatchRender(pb.WatchRenderRequest(name=name, after_sequence=after_sequence))
        try:
            with rpc_errors(GATEWAY):
                async with aclosing(read_events(aiter(call), after_sequence)) as events:
                    async for event in events:
                        yield event
        finally:
            call.cancel()

    async def create(self, spec: RenderSpec, *, request_id: str = "") -> Render:
        """Start a render that runs without the caller. `request_id` as for `render`."""
        spec = await self._with_small_request(spec)
        request = pb.CreateRenderRequest(request_id=request_id or _new_id(), spec=spec_to(spec))
        with rpc_errors(GATEWAY):
            response = await self._stub.CreateRender(request)
        return render_from(response.render)

    async def get(self, name: str) -> Render:
        """Where a render stands."""
        with rpc_errors(GATEWAY):
            response = await self._stub.GetRender(pb.GetRenderRequest(name=name))
        return render_from(response.render)

    async def list(self) -> AsyncIterator[Render]:
        """Every render, the newest first, fetched page by page."""
        token = ""
        while True:
            with rpc_errors(GATEWAY):
                page = await self._stub.ListRenders(pb.ListRendersRequest(page_size=_PAGE_SIZE, page_token=token))
            for render in page.renders:
                yield render_from(render)
            token = page.next_page_token
            if not token:
                return

    async def cancel(self, name: str) -> Render:
        """Stop a render. Cancelling one that has ended changes nothing."""
        with rpc_errors(GATEWAY):
            response = await self._stub.CancelRender(pb.CancelRenderRequest(name=name))
        return render_from(response.render)

    async def estimate(self, spec: RenderSpec) -> Estimate:
        """What `spec` would take at every tier, and what others charge. The portrait may be left out."""
        with rpc_errors(GATEWAY):
            response = await self._stub.EstimateRender(pb.EstimateRenderRequest(spec=spec_to(spec)))
        return estimate_from(response)

    async def upload_portrait(self, portrait: Path | bytes) -> Portrait:
        """Analyse a photo (at most 20 MiB) and keep it; the result's id goes into RenderSpec.portrait_id."""
        image = await asyncio.to_thread(read_portrait, portrait) if isinstance(portrait, Path) else portrait
        requests = (pb.UploadPortraitRequest(chunk=portrait_pb2.PortraitChunk(data=data)) for data in pieces(image))
        response: pb.UploadPortraitResponse = await upload(self._stub.UploadPortrait(), requests, GATEWAY)
        return portrait_from(response.portrait)

    async def voices(self) -> tuple[VoiceInfo, ...]:
        """Every voice."""
        with rpc_errors(GATEWAY):
            response = await self._stub.ListVoices(pb.ListVoicesRequest())
        return tuple(voice_from(voice) for voice in response.voices)

    async def engines(self) -> tuple[EngineInfo, ...]:
        """Every engine."""
        with rpc_errors(GATEWAY):
            response = await self._stub.ListEngines(pb.ListEnginesRequest())
        return tuple(engine_from(engine) for engine in response.engines)

    async def tiers(self) -> tuple[TierInfo, ...]:
        """Every tier, the cheapest first."""
        with rpc_errors(GATEWAY):
            response = await self._stub.ListTiers(pb.ListTiersRequest())
        return tuple(tier_info_from(tier) for tier in response.tiers)

    async def trace(self, name: str) -> Trace:
        """Where the time of a render went."""
        with rpc_errors(GATEWAY):
            response = await self._stub.GetTrace(pb.GetTraceRequest(name=name))
        return trace_from(response.trace)

    async def _with_small_request(self, spec: RenderSpec) -> RenderSpec:
        """The same spec, its portrait uploaded first when it and a recording are too large for one message."""
        recorded = len(spec.speech.file) if isinstance(spec.speech, Recording) else 0
        if not spec.portrait_image or len(spec.portrait_image) + recorded <= MAX_INLINE_BYTES:
            return spec
        portrait = await self.upload_portrait(spec.portrait_image)
        return replace(spec, portrait_image=b"", portrait_id=portrait.id)


def _new_id() -> str:
    """An id for one request: without it, a call that gRPC repeats because its answer got lost would render twice."""
    return str(uuid.uuid4())
