from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import numpy as np
import pytest

from likeness.compositor.v1 import compositor_service_pb2 as pb
from likeness.compositor.v1 import compositor_service_pb2_grpc
from likeness.media.v1 import audio_pb2, video_pb2
from likeness_common.grpc_errors import ErrorInterceptor, from_rpc_error
from likeness_compositor.local import LocalCompositor
from likeness_compositor.servicer import CompositorServicer

if TYPE_CHECKING:
    from likeness.compositor.v1.compositor_service_pb2_grpc import CompositorServiceAsyncStub as Stub

pytestmark = pytest.mark.unit

HEADER = pb.ComposeRequest(
    header=pb.CompositionHeader(video=video_pb2.VideoFormat(width=320, height=240), crf=10, segment_ms=10_000)
)
AUDIO = pb.ComposeRequest(audio=audio_pb2.AudioChunk(pcm=bytes(2 * 24_000)))
FINISH = pb.ComposeRequest(finish=pb.CompositionFinish())


def noise() -> Iterable[pb.ComposeRequest]:
    generator = np.random.default_rng(2)
    for index in range(25):
        data = generator.integers(0, 255, 320 * 240 * 3 // 2, np.uint8).tobytes()
        yield pb.ComposeRequest(frames=video_pb2.FrameBatch(first_frame=index, count=1, data=data))


@pytest.fixture
async def stub(tmp_path: Path) -> AsyncIterator["Stub"]:
    server = grpc.aio.server(interceptors=[ErrorInterceptor()])
    servicer = CompositorServicer(LocalCompositor())
    compositor_service_pb2_grpc.add_CompositorServiceServicer_to_server(servicer, server)
    address = f"unix:{tmp_path}/compositor.sock"
    server.add_insecure_port(address)
    await server.start()
    async with grpc.aio.insecure_channel(address) as channel:
        yield compositor_service_pb2_grpc.CompositorServiceStub(channel)
    await server.stop(0)


async def test_header_first_and_summary_last(stub: "Stub") -> None:
    responses = [response async for response in stub.Compose(iter([HEADER, AUDIO, *noise(), FINISH]))]
    kinds = [response.WhichOneof("payload") for response in responses]
    assert kinds == ["header"] + ["segment"] * (len(kinds) - 2) + ["summary"]
    header = responses[0].header
    assert (header.video.fps, header.audio.sample_rate_hz, header.crf, header.segment_ms) == (25, 24_000, 10, 10_000)
    assert header.container == video_pb2.CONTAINER_FRAGMENTED_MP4
    summary = responses[-1].summary
    parts = [response.segment for response in responses[1:-1]]
    assert summary.segment_count == parts[-1].sequence + 1
    assert summary.byte_count == sum(len(part.data) for part in parts)
    assert summary.busy_us > 0


async def test_large_segments_come_in_parts(stub: "Stub") -> None:
    responses = [response async for response in stub.Compose(iter([HEADER, AUDIO, *noise(), FINISH]))]
    parts = [response.segment for response in responses if response.HasField("segment")]
    assert max(part.part_count for part in parts) > 1
    assert max(len(part.data) for part in parts) == 256 * 1024
    for part in parts:
        siblings = [other for other in parts if other.sequence == part.sequence]
        assert [other.part for other in siblings] == list(range(part.part_count))
        assert {other.sha256 for other in siblings} == {part.sha256}


@pytest.mark.parametrize(
    ("field", "requests"),
    [
        ("header", [AUDIO]),
        ("header", []),
        ("header", [HEADER, AUDIO, HEADER]),
        ("payload", [HEADER, pb.ComposeRequest()]),
        ("finish", [HEADER, AUDIO]),
        ("audio.start_sample", [HEADER, pb.ComposeRequest(audio=audio_pb2.AudioChunk(start_sample=5))]),
    ],
)
async def test_streams_out_of_order_are_refused(stub: "Stub", field: str, requests: list[pb.ComposeRequest]) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in stub.Compose(iter(requests)):
            pass
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert from_rpc_error(caught.value, "compositor").field == field
