"""The local animator as a whole, with a fake engine and real portraits."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator.local import MAX_CHECKPOINT_BYTES, MAX_UPLOADS, LocalAnimator
from likeness_animator.registry import Entry
from likeness_common.errors import InvalidArgument, LikenessError, NotFound, Reason, ResourceExhausted
from likeness_common.media import AudioChunk, AudioFormat, VideoFormat
from likeness_common.stages.animator import AnimationOptions
from likeness_common.weights import WeightStore

pytestmark = pytest.mark.unit

ENGINES = {"fake": Entry("tests.fakes.engines:FakeEngine")}
OPTIONS = AnimationOptions(VideoFormat(64, 64), engine="fake")
Photo = NDArray[np.uint8]


@pytest.fixture
def animator(weights: WeightStore) -> LocalAnimator:
    return LocalAnimator(weights, max_sessions=2, engines=ENGINES)


@pytest.fixture(scope="module")
def photo(astronaut: Photo, encode: Callable[..., bytes]) -> bytes:
    return encode(astronaut, "JPEG")


async def refusal(animator: LocalAnimator, portrait_id: str, options: AnimationOptions) -> LikenessError:
    with pytest.raises(LikenessError) as raised:
        await animator.open(portrait_id, options).__aenter__()
    return raised.value


async def test_a_photo_becomes_frames(animator: LocalAnimator, photo: bytes) -> None:
    await animator.warm_up()
    portrait = await animator.upload_portrait(photo)
    assert await animator.get_portrait(portrait.id) == portrait
    async with animator.open(portrait.id, OPTIONS) as session:
        await session.push(AudioChunk(0, 0, bytes(2 * 960 * 3)))
        await session.finish()
        assert [batch.first_frame async for batch in session.frames()] == [0, 1, 2]


async def test_bad_photos_are_refused(animator: LocalAnimator) -> None:
    with pytest.raises(InvalidArgument) as raised:
        await animator.upload_portrait(b"no image")
    assert raised.value.reason is Reason.IMAGE_UNREADABLE


async def test_unknown_portraits_are_not_found(animator: LocalAnimator) -> None:
    assert isinstance(await refusal(animator, "0" * 64, OPTIONS), NotFound)
    with pytest.raises(NotFound):
        await animator.get_portrait("0" * 64)


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"engine": "nobody"}, "engine", Reason.ENGINE_UNKNOWN),
        ({"video": VideoFormat(65, 64)}, "video.width", Reason.FIELD_INVALID),
        ({"video": VideoFormat(64, 32)}, "video.height", Reason.FIELD_OUT_OF_RANGE),
        ({"video": VideoFormat(64, 64, 120)}, "video.fps", Reason.FIELD_OUT_OF_RANGE),
        ({"video": VideoFormat(1280, 720)}, "video", Reason.FIELD_OUT_OF_RANGE),
        ({"audio": AudioFormat(4000)}, "audio.sample_rate_hz", Reason.FIELD_OUT_OF_RANGE),
        ({"checkpoint": bytes(MAX_CHECKPOINT_BYTES + 1)}, "checkpoint", Reason.FIELD_OUT_OF_RANGE),
    ],
)
async def test_options_out_of_range_are_refused(
    animator: LocalAnimator, changes: dict[str, object], field: str, reason: Reason
) -> None:
    error = await refusal(animator, "0" * 64, replace(OPTIONS, **changes))  # type: ignore[arg-type]  # by design mixed
    assert (error.field, error.reason) == (field, reason)


async def test_sessions_are_limited_and_freed(animator: LocalAnimator, photo: bytes) -> None:
    portrait = await animator.upload_portrait(photo)
    for _ in range(2):
        async with animator.open(portrait.id, OPTIONS), animator.open(portrait.id, OPTIONS):
            error = await refusal(animator, portrait.id, OPTIONS)
            assert isinstance(error, ResourceExhausted)
            assert error.reason is Reason.SERVER_BUSY
            assert error.retry_after_s


async def test_a_session_that_fails_to_open_frees_its_slot(animator: LocalAnimator, photo: bytes) -> None:
    portrait = await animator.upload_portrait(photo)
    for _ in range(3):
        with pytest.raises(ValueError, match="not a number"):
            await animator.open(portrait.id, replace(OPTIONS, checkpoint=b"not a number")).__aenter__()
    async with animator.open(portrait.id, OPTIONS) as session:
        assert session.first_frame == 0


async def test_uploads_are_limited(animator: LocalAnimator, photo: bytes) -> None:
    uploads = [animator.upload_portrait(photo) for _ in range(MAX_UPLOADS + 1)]
    results = await asyncio.gather(*uploads, return_exceptions=True)
    refused = [result for result in results if isinstance(result, ResourceExhausted)]
    assert len(refused) == 1
    assert refused[0].reason is Reason.SERVER_BUSY
    assert len({result for result in results if not isinstance(result, BaseException)}) == 1
