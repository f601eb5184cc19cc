"""What the gateway offers and remembers."""

import grpc
import pytest
from prometheus_client import CollectorRegistry

from likeness.gateway.v1 import render_pb2, render_service_pb2
from likeness.tts.v1 import voice_pb2
from likeness_common.errors import Reason, Unavailable
from likeness_gateway import catalogue
from likeness_gateway.gateway import Gateway
from likeness_gateway.metrics import Metrics
from likeness_gateway.model import RenderState
from tests.fakes.animator import engine_info
from tests.unit.gateway.conftest import Served, Stand
from tests.unit.gateway.requests import order, read, spec, video
from tests.watched import error_info, field_of

pytestmark = pytest.mark.unit


async def test_tiers_say_what_is_missing(stand: Stand) -> None:
    stand.animator.infos = [engine_info("mesh"), engine_info("sadtalker", "run: likeness models pull sadtalker")]
    async with stand.serving() as served:
        tiers = (await served.stub.ListTiers(render_service_pb2.ListTiersRequest())).tiers
    assert [(tier.tier, tier.available, tier.unavailable_reason) for tier in tiers] == [
        (render_pb2.TIER_DRAFT, True, ""),
        (render_pb2.TIER_STANDARD, False, "run: likeness models pull sadtalker"),
        (render_pb2.TIER_HIGH, False, "engine hallo2 is not installed on this server"),
        (render_pb2.TIER_PREMIUM, False, "engine hallo3 is not installed on this server"),
    ]


async def test_engines_and_voices_are_those_of_the_services(served: Served) -> None:
    engines = (await served.stub.ListEngines(render_service_pb2.ListEnginesRequest())).engines
    voices = (await served.stub.ListVoices(render_service_pb2.ListVoicesRequest())).voices
    assert [engine.name for engine in engines] == ["mesh"]
    assert [voice.name for voice in voices] == ["espeak", "studio", "research"]


async def test_an_estimate_needs_no_portrait(served: Served) -> None:
    message = spec(30, script=voice_pb2.Script(text="word " * 30, voice="studio"))
    message.ClearField("portrait")
    estimate = await served.stub.EstimateRender(render_service_pb2.EstimateRenderRequest(spec=message))
    assert estimate.speech.characters == 150
    assert estimate.speech.duration.ToMilliseconds() > 5000
    draft, *others = estimate.tiers
    assert draft.plan.engine == "mesh"
    assert draft.quote.cost.micros == 150 * 50
    assert draft.quote.video_duration == estimate.speech.duration
    assert draft.quote.render_duration.ToMilliseconds() > 0
    assert [tier.HasField("quote") for tier in others] == [False] * 3
    assert all(tier.tier.unavailable_reason for tier in others)
    for price in estimate.comparisons:
        assert price.cost.micros > draft.quote.cost.micros
        assert price.cost.currency_code == "USD"


async def test_what_cannot_be_reached_is_said(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "FRESH_S", -1.0)
    async with stand.serving() as served:
        stand.speech.faults.fail("voices", Unavailable(Reason.SERVICE_UNREACHABLE, "tts cannot be reached"))
        for call in (
            served.stub.ListVoices(render_service_pb2.ListVoicesRequest()),
            read(served.stub.RenderVideo(video())),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call
            assert error_info(caught.value).reason == "SERVICE_UNREACHABLE"
            assert error_info(caught.value).metadata["service"] == "tts"


async def test_health_names_every_engine_of_the_tiers(stand: Stand) -> None:
    async with stand.gateway() as gateway:
        service = await gateway.service()
    assert service.engines == {
        "engine.mesh": True,
        "engine.sadtalker": False,
        "engine.hallo2": False,
        "engine.hallo3": False,
    }


async def test_a_gateway_starts_without_its_services(stand: Stand) -> None:
    stand.animator.faults.fail("engines", Unavailable(Reason.SERVICE_UNREACHABLE, "not yet"))
    async with stand.gateway() as gateway:
        service = await gateway.service()
    assert not any(service.engines.values())


async def test_pages_hold_every_render_once_the_newest_first(served: Served) -> None:
    names = [(await read(served.stub.RenderVideo(video(1)))).name for _ in range(5)]
    found, token = [], ""
    while True:
        page = await served.stub.ListRenders(render_service_pb2.ListRendersRequest(page_size=2, page_token=token))
        assert len(page.renders) <= 2
        found += [render.name for render in page.renders]
        token = page.next_page_token
        if not token:
            break
    assert found == names[::-1]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (render_service_pb2.ListRendersRequest(page_size=201), "page_size"),
        *[
            (render_service_pb2.ListRendersRequest(page_token=token), "page_token")
            for token in ("nonsense", "bm9uc2Vuc2U=", "\u00e4")
        ],
    ],
)
async def test_bad_pages_are_refused(
    served: Served, request_: render_service_pb2.ListRendersRequest, field: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await served.stub.ListRenders(request_)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert field_of(caught.value) == field


class TestRetention:
    async def rendered(self, gateway: Gateway, count: int) -> list[str]:
        names = []
        for _ in range(count):
            render = await gateway.renders.start(order(detached=True))
            await render.finished()
            assert render.record.state is RenderState.SUCCEEDED
            names.append(render.record.id)
        return names

    async def left(self, gateway: Gateway) -> list[str]:
        return [record.id for record in await gateway.renders.page(100, None)][::-1]

    async def test_the_newest_are_kept(self, stand: Stand) -> None:
        async with stand.gateway(keep_render_records=2) as gateway:
            names = await self.rendered(gateway, 4)
            await gateway.housekeeping.sweep()
            assert await self.left(gateway) == names[2:]
            assert stand.files() == sorted(names[2:])

    async def test_old_ones_go(self, stand: Stand) -> None:
        async with stand.gateway() as gateway:
            await self.rendered(gateway, 2)
        async with stand.gateway(keep_renders_s=0.000001) as gateway:
            assert await self.left(gateway) == []
            assert stand.files() == []

    async def test_bytes_are_limited(self, stand: Stand) -> None:
        async with stand.gateway() as gateway:
            names = await self.rendered(gateway, 3)
            await gateway.housekeeping.sweep()
            assert await self.left(gateway) == names
        async with stand.gateway(keep_renders_mib=0) as gateway:
            assert await self.left(gateway) == []

    async def test_a_render_that_runs_is_never_swept(self, stand: Stand) -> None:
        stand.animator.faults.hang("batch", 5)
        async with stand.gateway(keep_renders_mib=0, keep_renders_s=0.000001) as gateway:
            render = await gateway.renders.start(order(detached=True))
            await gateway.housekeeping.sweep()
            assert await self.left(gateway) == [render.record.id]
            await gateway.renders.cancel(render.record.id)


async def test_metrics_count_renders(stand: Stand) -> None:
    registry = CollectorRegistry()
    gateway = await Gateway.create(stand.speech, stand.animator, stand.compositor, stand.settings(), registry)
    try:
        stand.animator.faults.hang("batch", 30)
        running = await gateway.renders.start(order(40, detached=True))
        done = await gateway.renders.start(order(1, detached=True))
        await done.finished()
        assert registry.get_sample_value("likeness_renders_running") == 1
        await gateway.renders.cancel(running.record.id)
        assert registry.get_sample_value("likeness_renders_running") == 0
        labels = {"tier": "draft", "state": "succeeded", "reason": ""}
        assert registry.get_sample_value("likeness_renders_total", labels) == 1
        labels = {"tier": "draft", "state": "cancelled", "reason": "RENDER_CANCELLED"}
        assert registry.get_sample_value("likeness_renders_total", labels) == 1
        assert registry.get_sample_value("likeness_first_segment_seconds_count", {"tier": "draft"}) == 1
        assert registry.get_sample_value("likeness_render_rtf_count", {"tier": "draft"}) == 1
    finally:
        await gateway.close()


def test_two_gateways_in_a_process_keep_their_metrics_apart() -> None:
    Metrics(CollectorRegistry())
    Metrics(CollectorRegistry())


async def test_health_follows_the_services(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "FRESH_S", -1.0)
    async with stand.gateway() as gateway:
        service = await gateway.service()
        assert service.health is not None
        assert (await service.health())["engine.mesh"]
        stand.animator.infos = [engine_info("mesh", "its weights are gone")]
        assert not (await service.health())["engine.mesh"]
        stand.animator.faults.fail("engines", Unavailable(Reason.SERVICE_UNREACHABLE, "down"))
        with pytest.raises(Unavailable):
            await service.health()
