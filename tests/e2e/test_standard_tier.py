"""The STANDARD tier from end to end. The networks are small and know nothing: what they draw is not looked at."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from likeness.gateway.v1 import render_pb2, render_service_pb2
from tests.e2e.probing import decode_errors, probe
from tests.e2e.stack import Stack
from tests.e2e.watching import spec, watch

pytestmark = pytest.mark.e2e

STANDARD = render_pb2.TIER_STANDARD


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Four services, of which the animator has all engines."""
    command = (sys.executable, "-m", "tests.e2e.small_serve")
    running = Stack(Path(tmp_path_factory.mktemp("stack")), command, PYTHONPATH=str(Path(__file__).parents[2]))
    try:
        running.wait_ready()
        yield running
    finally:
        running.stop()


def test_the_engine_is_available(renders) -> None:
    answer = renders.ListEngines(render_service_pb2.ListEnginesRequest())
    assert {engine.name: engine.available for engine in answer.engines}["sadtalker"]


def test_a_render_is_drawn_by_its_engine_and_plays(renders, portrait_id: str, tmp_path: Path) -> None:
    request = render_service_pb2.RenderVideoRequest(spec=spec("Good morning.", portrait_id))
    request.spec.tier = request.spec.min_tier = STANDARD
    film = watch(renders.RenderVideo(request))
    film.check_segments()
    assert film.accepted is not None
    assert (film.accepted.plan.tier, film.accepted.plan.engine) == (STANDARD, "sadtalker")
    assert film.receipt is not None
    assert film.receipt.frame_count == sum(segment.frame_count for segment in film.segments) > 10
    path = tmp_path / "film.mp4"
    path.write_bytes(film.video)
    assert decode_errors(path) == ""
    streams = probe(path)
    assert len(streams["video"].pts) == film.receipt.frame_count
    assert abs(streams["audio"].end - streams["video"].end) < 1 / 25
