"""Drawn squares in whole frames: the photo stays the photo, and no seam shows."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator import framing
from likeness_animator.engines.sadtalker.paste import Canvas
from likeness_animator.engines.sadtalker.seam import MAX_TONE, share_of_drawing, tone
from likeness_animator.engines.sadtalker.source import Preparation, Source, prepare
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.errors import InvalidArgument
from likeness_common.media import Framing, PixelFormat, VideoFormat

from .portraits import astronaut, portrait_of, round_head, shifted

pytestmark = pytest.mark.unit

SQUARE = VideoFormat(512, 512)
Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def portrait() -> AnalysedPortrait:
    plain = astronaut()
    return replace(plain, matte=round_head(plain))


@pytest.fixture(scope="module")
def smooth(portrait: AnalysedPortrait) -> AnalysedPortrait:
    """Without detail that a smaller square would lose."""
    soft = cv2.GaussianBlur(portrait.image, (0, 0), 5)
    return replace(portrait, image=np.asarray(soft, np.uint8))


def pixels(data: bytes, video: VideoFormat) -> Pixels:
    return np.frombuffer(data, np.uint8).reshape(video.height, video.width, 3)


def photo_frame(portrait: AnalysedPortrait, video: VideoFormat, mode: Framing) -> Pixels:
    return framing.photograph(portrait, framing.crop_for(portrait, video, mode), video)


def inside(portrait: AnalysedPortrait, source: Source, video: VideoFormat, mode: Framing) -> tuple[slice, slice]:
    """The frame's pixels that the square may change."""
    place, crop = source.placement, framing.crop_for(portrait, video, mode)
    scale = np.array([video.width / crop.width, video.height / crop.height])
    low = np.floor((np.array([place.x - crop.x, place.y - crop.y])) * scale).astype(int)
    high = np.ceil((np.array([place.x + place.width - crop.x, place.y + place.height - crop.y])) * scale).astype(int)
    low = np.maximum(low, 0)
    return slice(low[1], high[1]), slice(low[0], high[0])


CASES = [
    (SQUARE, Framing.AUTO),
    (SQUARE, Framing.FULL),
    (VideoFormat(640, 360), Framing.AUTO),
    (VideoFormat(270, 480), Framing.AUTO),
]


@pytest.mark.parametrize("size", [256, 512])
@pytest.mark.parametrize(("video", "mode"), CASES)
@pytest.mark.parametrize("preparation", [Preparation.CROP, Preparation.RESIZE])
def test_the_photo_itself_gives_the_photo(
    smooth: AnalysedPortrait, preparation: Preparation, video: VideoFormat, mode: Framing, size: int
) -> None:
    source = prepare(smooth, size, preparation)
    canvas = Canvas(smooth, source, video, mode)
    frame = pixels(canvas.frame(source.photo, PixelFormat.RGB24), canvas.video)
    difference = np.abs(frame.astype(int) - photo_frame(smooth, canvas.video, mode))
    assert difference.mean() < 0.6
    assert np.percentile(difference, 99.5) <= 2
    assert difference.max() <= 5
    difference[inside(smooth, source, canvas.video, mode)] = 0
    assert difference.max() == 0


@pytest.mark.parametrize(("video", "mode"), CASES)
def test_nothing_changes_outside_of_the_square(portrait: AnalysedPortrait, video: VideoFormat, mode: Framing) -> None:
    source = prepare(portrait, 256, Preparation.CROP)
    canvas = Canvas(portrait, source, video, mode)
    green = np.full_like(source.photo, (0, 255, 0))
    frame = pixels(canvas.frame(green, PixelFormat.RGB24), canvas.video)
    changed = np.abs(frame.astype(int) - photo_frame(portrait, canvas.video, mode))
    square = inside(portrait, source, canvas.video, mode)
    middle = (square[0].start + square[0].stop) // 2, (square[1].start + square[1].stop) // 2
    assert tuple(frame[middle]) == (0, 255, 0)
    changed[square] = 0
    assert changed.max() == 0


@pytest.mark.parametrize(("video", "mode"), CASES)
def test_planes_outside_of_the_square_are_the_photos(
    portrait: AnalysedPortrait, video: VideoFormat, mode: Framing
) -> None:
    source = prepare(portrait, 256, Preparation.CROP)
    canvas = Canvas(portrait, source, video, mode)
    drawn = np.asarray(255 - source.photo, np.uint8)
    expected = cv2.cvtColor(pixels(canvas.frame(drawn, PixelFormat.RGB24), canvas.video), cv2.COLOR_RGB2YUV_I420)
    data = canvas.frame(drawn, PixelFormat.I420)
    assert len(data) == canvas.video.frame_bytes
    assert data == expected.tobytes()


def test_frames_of_the_same_drawing_are_equal(portrait: AnalysedPortrait) -> None:
    source = prepare(portrait, 256, Preparation.CROP)
    one, other = (Canvas(portrait, source, SQUARE, Framing.AUTO, source.photo) for _ in range(2))
    first = one.frame(source.photo, PixelFormat.I420)
    one.frame(np.zeros_like(source.photo), PixelFormat.I420)
    assert first == one.frame(source.photo, PixelFormat.I420) == other.frame(source.photo, PixelFormat.I420)


def test_full_frames_keep_the_pictures_aspect(portrait: AnalysedPortrait) -> None:
    tall = portrait_of(np.vstack([portrait.image, portrait.image]), portrait.landmarks)
    canvas = Canvas(tall, prepare(tall, 256, Preparation.FULL), SQUARE, Framing.FULL)
    assert (canvas.video.width, canvas.video.height) == (256, 512)
    with pytest.raises(InvalidArgument, match="even number"):
        Canvas(tall, prepare(tall, 256, Preparation.FULL), VideoFormat(511, 512), Framing.AUTO)


def test_a_border_of_the_photo_is_no_seam(portrait: AnalysedPortrait) -> None:
    """At the picture's own border the drawing goes to the last pixel; elsewhere it fades to nothing."""
    near = shifted(portrait, 0, -50)
    share = share_of_drawing(near, prepare(near, 256, Preparation.CROP))
    assert share[0, 128] == 1
    assert share[-1].max() == 0
    assert share[:, [0, -1]].max() == 0
    assert share_of_drawing(near, prepare(near, 256, Preparation.RESIZE)).min() == 1


def test_two_heads_never_show_through_each_other(portrait: AnalysedPortrait) -> None:
    """Around the head, as far as it moves, the drawing shows alone."""
    assert portrait.matte
    source = prepare(portrait, 256, Preparation.CROP)
    to_square = cv2.invertAffineTransform(source.to_portrait)
    head = portrait.matte.to(np.asarray(to_square, np.float64), 256, 256) > 0.5
    head[150:] = False
    head[:6] = head[:, :6] = head[:, -6:] = False
    assert head.sum() > 10_000
    assert share_of_drawing(portrait, source)[head].min() == 1
    plain = share_of_drawing(replace(portrait, matte=None), source)
    assert plain[head].min() < 0.9
    assert (np.abs(np.diff(plain, axis=0)) < 0.06).all()


def test_shoulders_fade_into_the_photo(portrait: AnalysedPortrait) -> None:
    """They reach beyond the square, so a narrow border would cut them off."""
    assert portrait.matte
    body = portrait.matte.alpha.copy()
    body[140:] = 255
    source = prepare(portrait, 256, Preparation.CROP)
    share = share_of_drawing(replace(portrait, matte=replace(portrait.matte, alpha=body)), source)
    assert share[-10:, 100:156].max() < 0.4
    assert (np.abs(np.diff(share[200:, 100:156], axis=0)) < 0.06).all()


def test_a_tint_of_the_drawings_is_taken_out(portrait: AnalysedPortrait) -> None:
    """The tint that the unmoved portrait has, wherever the head has moved since."""
    source = prepare(portrait, 256, Preparation.CROP)
    shift = np.array([[1.0, 0, 9], [0, 1, -5]])
    moved = np.asarray(cv2.warpAffine(source.photo, shift, (256, 256), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    plain = Canvas(portrait, source, SQUARE, Framing.AUTO)
    matched = Canvas(portrait, source, SQUARE, Framing.AUTO, tinted(source.photo))
    true = pixels(plain.frame(moved, PixelFormat.RGB24), SQUARE).astype(float)
    face = slice(150, 250), slice(190, 300)
    before, after = (
        np.abs((pixels(canvas.frame(tinted(moved), PixelFormat.RGB24), SQUARE) - true)[face].mean(axis=(0, 1)))
        for canvas in (plain, matched)
    )
    assert before.max() > 5
    assert after.max() < 1


def test_a_different_picture_is_no_tint(portrait: AnalysedPortrait) -> None:
    source = prepare(portrait, 256, Preparation.CROP)
    assert np.abs(tone(source.photo, np.zeros_like(source.photo))).max() <= MAX_TONE + 1e-3
    assert not tone(source.photo, source.photo).any()


def tinted(picture: Pixels) -> Pixels:
    """As a network might draw it: flatter, warmer, and darker to one side."""
    side = np.linspace(-4, 4, picture.shape[1])[:, np.newaxis]
    return np.rint(np.clip(picture * 0.96 + [8, -2, 1] + side, 0, 255)).astype(np.uint8)


def test_no_seam_shows(portrait: AnalysedPortrait) -> None:
    """The step across the square's border, beyond that of the photo, although every drawn pixel is 12 levels off."""
    source = prepare(portrait, 256, Preparation.CROP)
    canvas = Canvas(portrait, source, SQUARE, Framing.AUTO)
    drawn = np.clip(source.photo.astype(int) + 12, 0, 255).astype(np.uint8)
    frame = pixels(canvas.frame(drawn, PixelFormat.RGB24), SQUARE).astype(int)
    change = frame - photo_frame(portrait, SQUARE, Framing.AUTO)
    rows, columns = inside(portrait, source, SQUARE, Framing.AUTO)
    border = np.abs(
        np.concatenate([change[rows.stop - 3 : rows.stop, columns], change[rows.start : rows.start + 3, columns]])
    )
    assert border.mean() < 0.5
    assert border.max() <= 3
