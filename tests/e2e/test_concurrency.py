"""Several renders at once: all correct, and none starved."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from likeness.gateway.v1 import render_service_pb2
from tests.e2e.watching import spec, watch
from tests.watched import Watched

pytestmark = pytest.mark.e2e

TEXT = "Several people are speaking at the same time, and each of them is heard. " * 3


@pytest.mark.parametrize("count", [2, 4])
def test_renders_at_once_are_correct_and_share_fairly(renders, portrait_id, count: int) -> None:
    def render(_: int) -> tuple[Watched, float]:
        started = time.monotonic()
        film = watch(renders.RenderVideo(render_service_pb2.RenderVideoRequest(spec=spec(TEXT, portrait_id))))
        return film, time.monotonic() - started

    alone, _ = render(0)
    with ThreadPoolExecutor(count) as pool:
        films, seconds = zip(*pool.map(render, range(count)), strict=True)
    for film in films:
        film.check_segments()
        assert film.video == alone.video
    # Not a speed: how evenly the same work was served.
    assert max(seconds) / min(seconds) < 1.5
