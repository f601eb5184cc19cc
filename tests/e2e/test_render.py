"""One call to four processes: a valid, synchronous video that streams."""

import uuid
from pathlib import Path
from typing import Any

import av
import grpc
import pytest
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from likeness.gateway.v1 import render_pb2, render_service_pb2, render_service_pb2_grpc
from likeness.media.v1 import portrait_pb2, video_pb2
from tests.e2e.probing import decode_errors, probe
from tests.e2e.stack import Stack
from tests.e2e.watching import spec, watch
from tests.watched import Watched, error_info

pytestmark = pytest.mark.e2e

TEXT = "People who try it once tend to stay. Maybe we should put both lips together, Bob."
FRAME_S = 1 / 25


@pytest.fixture(scope="module")
def film(stack: Stack, photo: bytes) -> Watched:
    """One render, with the photo in the request."""
    request = render_service_pb2.RenderVideoRequest(spec=spec(TEXT, ""))
    request.spec.portrait_image = photo
    with stack.renders() as renders:
        return watch(renders.RenderVideo(request))


def test_reflection_lists_the_service(stack: Stack) -> None:
    with grpc.insecure_channel(stack.address) as channel:
        stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)  # its stubs are incomplete
        answers = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
        services = [service.name for service in next(iter(answers)).list_services_response.service]
    assert "likeness.gateway.v1.RenderService" in services


def test_events_come_in_order(film: Watched) -> None:
    assert film.order[0] == "accepted"
    assert film.order[-1] == "receipt"
    assert film.order.count("accepted") == film.order.count("receipt") == 1
    assert film.progress
    done = [progress.frames_done for progress in film.progress]
    assert done == sorted(done)


def test_segments_are_whole_and_begin_on_keyframes(film: Watched, tmp_path: Path) -> None:
    film.check_segments()
    init, *media = film.segments
    assert init.kind == video_pb2.SEGMENT_KIND_INIT
    assert len(media) >= 3
    shown = 0
    for segment in media:
        assert segment.kind == video_pb2.SEGMENT_KIND_MEDIA
        assert segment.first_frame == shown
        shown += segment.frame_count
        path = tmp_path / "one.mp4"
        path.write_bytes(init.data + segment.data)
        packets = probe(path)["video"]
        assert len(packets.pts) == segment.frame_count
        # ffprobe lists packets in decoding order: the first one has to be a keyframe.
        assert abs(packets.pts[0] * 1e6 - segment.pts_us) < 1000
        assert first_packet_is_key(path)


def first_packet_is_key(path: Path) -> bool:
    with av.open(str(path)) as container:
        return bool(next(container.demux(video=0)).is_keyframe)


def test_the_file_is_valid_and_in_step(film: Watched, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(film.video)
    assert decode_errors(path) == ""
    streams = probe(path)
    video, audio = streams["video"], streams["audio"]
    assert (video.codec, audio.codec) == ("h264", "aac")
    assert video.facts["avg_frame_rate"] == "25/1"
    assert (video.facts["width"], video.facts["height"]) == (512, 512)
    assert video.pts == sorted(video.pts)
    assert audio.pts == sorted(audio.pts)
    assert abs(video.start - 0) < FRAME_S
    assert abs(audio.start - video.start) < FRAME_S + 0.02  # priming samples may precede zero
    assert abs(audio.end - video.end) < FRAME_S


def test_the_receipt_adds_up(film: Watched) -> None:
    receipt = film.receipt
    assert receipt is not None
    assert receipt.frame_count == sum(segment.frame_count for segment in film.segments)
    assert receipt.segment_count == len(film.segments)
    assert receipt.byte_count == len(film.video)
    assert receipt.video_duration.ToMilliseconds() == receipt.frame_count * 40
    assert receipt.cost.micros == 0
    assert {stage.stage for stage in receipt.stages} == {"tts", "animator", "compositor"}
    for stage in receipt.stages:
        assert stage.busy.ToMicroseconds() > 0
    assert 0 < receipt.first_segment.ToMilliseconds() <= receipt.render_duration.ToMilliseconds()


def test_segments_stream_before_the_render_is_done(
    renders: render_service_pb2_grpc.RenderServiceStub, portrait_id: str
) -> None:
    request = render_service_pb2.RenderVideoRequest(spec=spec(TEXT * 10, portrait_id))
    seen = Watched()
    first_media_done = None
    for response in renders.RenderVideo(request):
        if seen.take(response) == "segment" and len(seen.parts) == 2:
            state = renders.GetRender(render_service_pb2.GetRenderRequest(name=seen.name)).render
            first_media_done = state.state
    assert first_media_done == render_pb2.RENDER_STATE_RUNNING


def test_the_same_request_gives_the_same_bytes(
    renders: render_service_pb2_grpc.RenderServiceStub, portrait_id: str
) -> None:
    films = [
        watch(renders.RenderVideo(render_service_pb2.RenderVideoRequest(spec=spec(TEXT, portrait_id, seed=seed))))
        for seed in (7, 7, 8)
    ]
    assert films[0].video == films[1].video
    assert films[0].video != films[2].video


def test_a_watcher_gets_the_missing_segments_byte_for_byte(
    renders: render_service_pb2_grpc.RenderServiceStub, portrait_id: str
) -> None:
    request = render_service_pb2.RenderVideoRequest(
        spec=spec(TEXT * 4, portrait_id), on_disconnect=render_pb2.ON_DISCONNECT_CONTINUE
    )
    first = Watched()
    call = renders.RenderVideo(request)
    for response in call:
        first.take(response)
        if len(first.segments) == 3:
            break
    call.cancel()
    last = first.segments[-1].sequence
    rest = watch(renders.WatchRender(render_service_pb2.WatchRenderRequest(name=first.name, after_sequence=last)))
    rest.check_segments(first_sequence=last + 1)
    whole = watch(renders.WatchRender(render_service_pb2.WatchRenderRequest(name=first.name)))
    whole.check_segments()
    assert first.video + rest.video == whole.video
    assert rest.receipt == whole.receipt


def test_a_repeated_request_id_replays_and_another_body_is_refused(
    renders: render_service_pb2_grpc.RenderServiceStub, portrait_id: str
) -> None:
    request = render_service_pb2.RenderVideoRequest(request_id=str(uuid.uuid4()), spec=spec(TEXT, portrait_id))
    first, second = (watch(renders.RenderVideo(request)) for _ in range(2))
    assert (first.name, first.video) == (second.name, second.video)
    request.spec.seed = 99
    with pytest.raises(grpc.RpcError) as caught:
        watch(renders.RenderVideo(request))
    assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS
    assert error_info(caught.value).reason == "REQUEST_ID_REUSED"


def test_a_created_render_runs_alone_and_can_be_watched(
    renders: render_service_pb2_grpc.RenderServiceStub, portrait_id: str
) -> None:
    created = renders.CreateRender(render_service_pb2.CreateRenderRequest(spec=spec(TEXT, portrait_id))).render
    film = watch(renders.WatchRender(render_service_pb2.WatchRenderRequest(name=created.name)))
    film.check_segments()
    done = renders.GetRender(render_service_pb2.GetRenderRequest(name=created.name)).render
    assert done.state == render_pb2.RENDER_STATE_SUCCEEDED
    assert done.segment_count == len(film.segments)
    listed = renders.ListRenders(render_service_pb2.ListRendersRequest(page_size=1)).renders
    assert [render.name for render in listed] == [created.name]


@pytest.mark.parametrize(
    ("container", "video", "audio"),
    [(video_pb2.CONTAINER_FASTSTART_MP4, "h264", "aac"), (video_pb2.CONTAINER_WEBM, "vp9", "opus")],
)
def test_finished_files_play(
    renders: render_service_pb2_grpc.RenderServiceStub,
    portrait_id: str,
    tmp_path: Path,
    container: video_pb2.Container.ValueType,
    video: str,
    audio: str,
) -> None:
    output = render_pb2.Output(container=container)
    request = render_service_pb2.RenderVideoRequest(spec=spec(TEXT, portrait_id, output=output))
    film = watch(renders.RenderVideo(request))
    film.check_segments()
    path = tmp_path / "finished"
    path.write_bytes(film.video)
    assert decode_errors(path) == ""
    streams = probe(path)
    assert (streams["video"].codec, streams["audio"].codec) == (video, audio)
    assert abs(streams["video"].end - streams["audio"].end) < FRAME_S


def test_full_framing_keeps_the_aspect_ratio(
    renders: render_service_pb2_grpc.RenderServiceStub, portrait_id: str, tmp_path: Path
) -> None:
    output = render_pb2.Output(framing=portrait_pb2.FRAMING_MODE_FULL, width=640, height=360)
    film = watch(
        renders.RenderVideo(render_service_pb2.RenderVideoRequest(spec=spec("Hello.", portrait_id, output=output)))
    )
    path = tmp_path / "full.mp4"
    path.write_bytes(film.video)
    facts = probe(path)["video"].facts
    assert (facts["width"], facts["height"]) == (360, 360)


def test_estimate_matches_the_render(film: Watched, stack: Stack) -> None:
    with stack.renders() as renders:
        request = render_service_pb2.EstimateRenderRequest(spec=spec(TEXT, ""))
        request.spec.ClearField("portrait_id")
        estimate = renders.EstimateRender(request)
    draft = next(tier for tier in estimate.tiers if tier.tier.tier == render_pb2.TIER_DRAFT)
    assert film.receipt is not None
    actual = film.receipt.video_duration.ToMilliseconds()
    assert 0.6 < draft.quote.video_duration.ToMilliseconds() / actual < 1.6
    assert draft.quote.cost.micros == 0
    assert estimate.comparisons
    for price in estimate.comparisons:
        assert price.cost.micros > 0
        assert price.as_of
        assert price.source
