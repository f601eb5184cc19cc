"""One process that does everything: the same gateway, real engines, a real photo."""

import asyncio
import gc
import json
from pathlib import Path

import pytest

from likeness_client.demo import astronaut
from likeness_client.embedded import embedded_client
from likeness_client.files import render_to_file
from likeness_client.folder import held
from likeness_client.model import Output, RenderSpec, RenderState
from likeness_client.paths import Home
from likeness_common.errors import FailedPrecondition, Reason
from likeness_common.media import Container
from likeness_common.stages.speech import Script
from likeness_common.weights import default_root
from likeness_gateway.traces.processor import StoreSpanProcessor
from tests.unit.client.terminal import likeness

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def photo() -> bytes:
    return astronaut()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data", default_root())


def small(photo: bytes) -> RenderSpec:
    return RenderSpec(Script("Hi."), portrait_image=photo, output=Output(Container.FRAGMENTED_MP4, 128, 128))


async def test_a_film_its_record_and_its_trace_outlive_the_process(home: Home, photo: bytes, tmp_path: Path) -> None:
    async with embedded_client(home) as client:
        receipt = await render_to_file(client, small(photo), tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").stat().st_size == receipt.byte_count
    async with embedded_client(home) as client:
        (render,) = [render async for render in client.list()]
        trace = await client.trace(render.name)
    assert render.state is RenderState.SUCCEEDED
    assert trace.trace_id == receipt.trace_id
    assert {"render", "tts.synthesize", "animator.animate", "compositor.compose"} <= {span.name for span in trace.spans}


async def test_nothing_of_a_closed_gateway_sees_spans_any_more(home: Home) -> None:
    def recorders() -> int:
        gc.collect()
        return sum(type(found) is StoreSpanProcessor for found in gc.get_objects())

    before = recorders()
    for _ in range(2):
        async with embedded_client(home):
            assert recorders() == before + 1
    assert recorders() == before


async def test_leaving_in_the_middle_stops_the_render(home: Home, photo: bytes, tmp_path: Path) -> None:
    spec = RenderSpec(
        Script("A sentence that goes on. " * 200), portrait_image=photo, output=Output(width=128, height=128)
    )
    async with embedded_client(home) as client:
        begun = asyncio.Event()
        task = asyncio.create_task(render_to_file(client, spec, tmp_path / "film.mp4", lambda event: begun.set()))
        await begun.wait()
        task.cancel()
        await asyncio.wait([task])
        (render,) = [render async for render in client.list()]
        assert render.state is RenderState.CANCELLED
    assert not (tmp_path / "film.mp4").exists()


async def test_missing_weights_are_told_with_the_command_that_fetches_them(tmp_path: Path) -> None:
    with pytest.raises(FailedPrecondition, match="likeness models pull face") as caught:
        async with embedded_client(Home(tmp_path / "data", tmp_path), warm=True):
            pytest.fail("it opened")
    assert caught.value.reason is Reason.ENGINE_UNAVAILABLE


async def test_the_command_line_renders_while_another_process_has_the_folder(
    home, photo: bytes, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(photo)
    film = str(tmp_path / "film.mp4")
    arguments = ("say", "Hi.", "-p", str(tmp_path / "photo.jpg"), "-o", film, "--size", "128", "--json")
    env = {"XDG_DATA_HOME": str(tmp_path)}
    with held(tmp_path / "likeness", "process 1"):
        said = await likeness(*arguments, env=env)
        listed = await likeness("jobs", "list", env=env)
    assert said.code == 0, said.stderr
    assert "in use by process 1" in said.stderr
    assert "keeps nothing" in said.stderr
    assert json.loads(said.stdout)["receipt"]["frame_count"] > 0
    assert listed.code == 4
    assert "in use by process 1" in listed.stderr
