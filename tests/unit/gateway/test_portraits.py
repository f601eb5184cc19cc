"""Photos are kept by content, within a limit, and given to the animator again when it has lost them."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from likeness.gateway.v1 import render_service_pb2
from likeness.media.v1 import portrait_pb2
from likeness_common.errors import InvalidArgument, NotFound, Reason
from likeness_common.media import portrait_id
from likeness_gateway.portraits import Portraits
from likeness_gateway.worker import Worker
from tests.fakes.animator import FakeAnimator
from tests.unit.gateway.conftest import Served, Stand
from tests.unit.gateway.requests import IMAGE, read, spec, video
from tests.watched import error_info, field_of

pytestmark = pytest.mark.unit


@pytest.fixture
async def disk() -> AsyncIterator[Worker]:
    worker = Worker("disk")
    yield worker
    await worker.close()


def portraits(tmp_path: Path, disk: Worker, animator: FakeAnimator, max_bytes: int = 1000) -> Portraits:
    return Portraits(tmp_path / "portraits", max_bytes, animator, disk)


async def test_an_animator_that_forgot_gets_the_file_again(tmp_path: Path, disk: Worker) -> None:
    animator = FakeAnimator()
    kept = portraits(tmp_path, disk, animator)
    found = await kept.upload(b"photo")
    assert found.id == portrait_id(b"photo")
    animator.portraits.clear()
    assert (await kept.ensure(found.id)).id == found.id
    assert found.id in animator.portraits


async def test_a_photo_that_nobody_has_is_not_found(tmp_path: Path, disk: Worker) -> None:
    kept = portraits(tmp_path, disk, FakeAnimator())
    for attempt in (kept.ensure, kept.check):
        with pytest.raises(NotFound) as caught:
            await attempt("0" * 64)
        assert caught.value.reason is Reason.PORTRAIT_NOT_FOUND
        assert "UploadPortrait" in caught.value.message


async def test_a_photo_that_only_the_animator_has_will_do(tmp_path: Path, disk: Worker) -> None:
    animator = FakeAnimator()
    found = await animator.upload_portrait(b"photo")
    await portraits(tmp_path, disk, animator).check(found.id)


async def test_the_least_recently_used_goes_first(tmp_path: Path, disk: Worker) -> None:
    kept = portraits(tmp_path, disk, FakeAnimator(), max_bytes=250)
    for index in range(2):
        await kept.keep(f"photo{index}", bytes(100))
        os.utime(tmp_path / "portraits" / f"photo{index}", (index, index))
    await kept.keep("photo0", bytes(100))
    await kept.keep("photo2", bytes(100))
    left = {path.name for path in (tmp_path / "portraits").iterdir()}
    assert left == {"photo0", "photo2"}


async def test_a_photo_that_cannot_speak_is_not_kept(tmp_path: Path, disk: Worker) -> None:
    animator = FakeAnimator()
    kept = portraits(tmp_path, disk, animator)
    animator.faults.fail("upload", InvalidArgument(Reason.FACE_NOT_FOUND, "no face"))
    with pytest.raises(InvalidArgument):
        await kept.upload(b"a landscape")
    name = portrait_id(b"a landscape")
    await kept.keep(name, b"a landscape")
    with pytest.raises(InvalidArgument):
        await kept.ensure(name)
    assert list((tmp_path / "portraits").iterdir()) == []


def chunks(image: bytes, size: int = 256 * 1024) -> list[render_service_pb2.UploadPortraitRequest]:
    return [
        render_service_pb2.UploadPortraitRequest(chunk=portrait_pb2.PortraitChunk(data=image[start : start + size]))
        for start in range(0, len(image), size)
    ]


async def test_upload_and_render(stand: Stand, served: Served) -> None:
    image = bytes(700_000)
    response = await served.stub.UploadPortrait(iter(chunks(image)))
    assert response.portrait.id == portrait_id(image)
    assert response.portrait.face.width == 150
    message = spec()
    message.portrait_id = response.portrait.id
    seen = await read(served.stub.RenderVideo(render_service_pb2.RenderVideoRequest(spec=message)))
    assert seen.receipt is not None
    assert stand.animator.faults.passed["upload"] == 1


@pytest.mark.parametrize(
    ("requests", "reason"),
    [
        ([], "FIELD_MISSING"),
        ([render_service_pb2.UploadPortraitRequest()], "FIELD_MISSING"),
        (chunks(bytes(20 * 1024 * 1024 + 1), 1024 * 1024), "IMAGE_TOO_LARGE"),
        (chunks(bytes(1024 * 1024 + 1), 2 * 1024 * 1024), "FIELD_OUT_OF_RANGE"),
    ],
)
async def test_bad_uploads_are_refused(
    stand: Stand, served: Served, requests: list[render_service_pb2.UploadPortraitRequest], reason: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await served.stub.UploadPortrait(iter(requests))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error_info(caught.value).reason == reason
    assert field_of(caught.value) == "chunk.data"
    assert stand.animator.faults.passed["upload"] == 0


async def test_what_the_analysis_says_reaches_the_caller(stand: Stand, served: Served) -> None:
    stand.animator.faults.fail("upload", InvalidArgument(Reason.FACE_TOO_SMALL, "the face is 30 px wide"))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await served.stub.UploadPortrait(iter(chunks(IMAGE)))
    assert error_info(caught.value).reason == "FACE_TOO_SMALL"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read(served.stub.RenderVideo(video()))
    assert error_info(caught.value).reason == "FACE_TOO_SMALL"


async def test_an_unknown_portrait_is_refused_before_anything_starts(served: Served) -> None:
    message = spec()
    message.portrait_id = "0" * 64
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await served.stub.CreateRender(render_service_pb2.CreateRenderRequest(spec=message))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert error_info(caught.value).reason == "PORTRAIT_NOT_FOUND"
    assert field_of(caught.value) == "spec.portrait_id"
