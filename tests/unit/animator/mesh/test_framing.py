import numpy as np
import pytest

from likeness_animator import framing
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.errors import InvalidArgument
from likeness_common.media import Box, Framing, Portrait, VideoFormat

pytestmark = pytest.mark.unit


def picture(width: int, height: int, face_x: float, face_y: float, face_width: float) -> AnalysedPortrait:
    """A grey picture whose landmarks fill an ellipse."""
    angle = np.linspace(0, 2 * np.pi, 478)
    x, y = face_x + face_width / 2 * np.cos(angle), face_y + 0.6 * face_width * np.sin(angle)
    landmarks = np.stack([x, y, np.zeros(478)], axis=1).astype(np.float32)
    image = np.full((height, width, 3), 128, np.uint8)
    return AnalysedPortrait(Portrait("b" * 64, width, height, Box(0, 0, 1, 1)), image, landmarks)


@pytest.mark.parametrize("size", [(512, 512), (1920, 1080), (720, 1280), (64, 64), (1080, 256)])
@pytest.mark.parametrize(
    "face", [(500, 400, 200), (60, 70, 100), (950, 730, 80), (500, 400, 700), (500, 20, 60), (300, 790, 300)]
)
def test_crop_stays_inside_and_keeps_the_aspect(size: tuple[int, int], face: tuple[int, int, int]) -> None:
    portrait, video = picture(1000, 800, *face), VideoFormat(*size)
    crop = framing.crop_for(portrait, video, Framing.AUTO)
    assert crop.x >= 0
    assert crop.y >= 0
    assert crop.x + crop.width <= 1000
    assert crop.y + crop.height <= 800
    assert crop.width / crop.height == pytest.approx(video.width / video.height, rel=0.02)


def test_auto_shows_head_and_shoulders() -> None:
    portrait = picture(4000, 3000, 2000, 1200, 300)
    crop = framing.crop_for(portrait, VideoFormat(512, 512), Framing.AUTO)
    face_height = 1.2 * 300
    assert 2 < crop.height / face_height < 3
    assert abs(crop.x + crop.width / 2 - 2000) < 2
    assert crop.y < 1200 - face_height
    assert crop.y + crop.height > 1200 + face_height


@pytest.mark.parametrize(
    ("picture_size", "asked", "expected"),
    [
        ((1000, 800), (512, 512), (512, 410)),
        ((800, 1000), (512, 512), (410, 512)),
        ((300, 300), (1920, 1080), (1080, 1080)),
        ((4000, 500), (1280, 720), (1280, 160)),
    ],
)
def test_full_keeps_the_picture_s_aspect(
    picture_size: tuple[int, int], asked: tuple[int, int], expected: tuple[int, int]
) -> None:
    portrait = picture(*picture_size, 150, 150, 100)
    video = framing.effective_video(portrait, VideoFormat(*asked), Framing.FULL)
    assert (video.width, video.height) == expected
    crop = framing.crop_for(portrait, video, Framing.FULL)
    assert (crop.width, crop.height) == picture_size


def test_full_of_an_extreme_picture_is_refused() -> None:
    with pytest.raises(InvalidArgument):
        framing.effective_video(picture(4000, 100, 50, 50, 60), VideoFormat(512, 512), Framing.FULL)


def test_landmarks_follow_the_crop() -> None:
    portrait = picture(1000, 800, 500, 400, 200)
    video = VideoFormat(512, 512)
    crop = framing.crop_for(portrait, video, Framing.AUTO)
    corner = np.array([[crop.x - 0.5, crop.y - 0.5]], np.float32)
    assert framing.to_frame(corner, crop, video) == pytest.approx(np.array([[-0.5, -0.5]]))


def test_photograph_has_the_frame_s_size() -> None:
    portrait = picture(1000, 800, 500, 400, 200)
    for video in (VideoFormat(64, 64), VideoFormat(1920, 1080)):
        photo = framing.photograph(portrait, framing.crop_for(portrait, video, Framing.AUTO), video)
        assert photo.shape == (video.height, video.width, 3)
        assert (photo == 128).all()
