# ruff: noqa: RUF001 - IPA letters look like Latin ones.
import dataclasses

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator.engines.mesh.engine import MeshEngine
from likeness_animator.engines.mesh.fields import seam_y
from likeness_animator.engines.mesh.pose import HeadPose, MouthPose, Pose
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.engines.mesh.softness import blur_sigma
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import AudioFormat, Framing, PixelFormat, VideoFormat
from likeness_common.stages.animator import AnimationOptions

from .speech import RATE, as_rgb, babble, marks_of, push_all, split

pytestmark = pytest.mark.unit

VIDEO = VideoFormat(512, 512, pixel_format=PixelFormat.RGB24)
WILD = Pose(
    mouth=MouthPose(jaw=1, upper=0.6, lower=1, width=-0.5, rounding=0.5, tongue=1),
    head=HeadPose(yaw=4, pitch=-3, roll=4, shift_x=3, shift_y=-2),
    blink=0.6,
    brow=1,
    gaze_x=1,
)


def show(puppet: Puppet, pose: Pose) -> NDArray[np.uint8]:
    height, width = puppet.photo.shape[:2]
    return as_rgb(puppet.frame(pose, PixelFormat.RGB24), VideoFormat(width, height))


@pytest.fixture
def green_mouthed(portrait: AnalysedPortrait) -> Puppet:
    """A puppet whose mouth is green inside, so that the opening can be measured in its frames."""
    puppet = Puppet(portrait, VIDEO, Framing.AUTO)
    inside = puppet._mouth._interior
    green = np.zeros_like(inside.cavity)
    green[..., 1], green[..., 3] = 255, 1
    none = np.zeros_like(green)
    puppet._mouth._interior = dataclasses.replace(inside, cavity=green, upper=none, lower=none, tongue=none)
    return puppet


def opening(frame: NDArray[np.uint8]) -> float:
    """Height of the green in its tallest column, in pixels."""
    red, green, blue = (frame[..., channel].astype(int) for channel in range(3))
    amount = np.clip((green - np.maximum(red, blue)) / 80, 0, 1)
    return float(amount.sum(axis=0).max())


def test_closed_mouths_are_closed_and_vowels_open(green_mouthed: Puppet) -> None:
    mouth_width = green_mouthed.shape.mouth.width * green_mouthed.shape.frame.px_per_mm
    rest = opening(show(green_mouthed, Pose()))
    pressed = opening(show(green_mouthed, Pose(mouth=MouthPose(jaw=0.1, press=0.5))))
    wide = opening(show(green_mouthed, Pose(mouth=MouthPose(jaw=1, upper=0.4, lower=1))))
    assert max(rest, pressed) < 0.02 * mouth_width
    assert wide > 0.15 * mouth_width
    assert wide > 6 * max(rest, pressed)


@pytest.mark.parametrize("smile", [-0.5, 0.6, 1.2])
def test_smiles_do_not_open_closed_lips(green_mouthed: Puppet, smile: float) -> None:
    mouth_width = green_mouthed.shape.mouth.width * green_mouthed.shape.frame.px_per_mm
    assert opening(show(green_mouthed, Pose(smile=smile))) < 0.03 * mouth_width
    assert opening(show(green_mouthed, Pose(mouth=MouthPose(press=0.9), smile=smile))) < 0.03 * mouth_width


def test_lips_close_on_every_bilabial_of_rendered_speech(portrait: AnalysedPortrait, green_mouthed: Puppet) -> None:
    engine = MeshEngine()
    session = engine.open(portrait, AnimationOptions(VIDEO, audio=AudioFormat(RATE)))
    session._puppet = green_mouthed
    marks = marks_of([("p", 60), ("ɑː", 160), ("b", 50), ("ɑː", 150), ("m", 70), ("ɑː", 160), ("", 300), ("ɑ", 100)])
    frames = split(list(push_all(session, babble(1.05), marks, 2400)), VIDEO)
    gaps = np.array([opening(as_rgb(frame, VIDEO)) for frame in frames])
    mouth_width = green_mouthed.shape.mouth.width * green_mouthed.shape.frame.px_per_mm

    def around(mark_index: int) -> NDArray[np.float64]:
        mark = marks[mark_index]
        return gaps[mark.start_sample * 25 // RATE : -(-mark.end_sample * 25 // RATE)]

    for bilabial in (0, 2, 4):
        assert around(bilabial).min() < 0.03 * mouth_width
    for vowel in (1, 3, 5):
        assert around(vowel).max() > 0.12 * mouth_width
    pause = gaps[19:22]
    assert pause.max() < 0.03 * mouth_width


def test_the_photographed_smile_s_teeth_are_gone_when_closed(portrait: AnalysedPortrait) -> None:
    puppet = Puppet(portrait, VIDEO, Framing.AUTO)
    face = puppet.shape
    seam = np.array([face.mouth.middle_x, seam_y(face)])
    (x0, y0), (x1, y1) = face.frame.to_px(seam + np.array([[-12, -2], [12, 4]])).round().astype(int)

    def redness(frame: NDArray[np.uint8]) -> float:
        piece = frame[y0:y1, x0:x1].astype(int)
        return float(np.median(piece[..., 0] - piece[..., 1]))

    assert redness(show(puppet, Pose())) > redness(puppet.photo) + 10


def test_lids_cover_the_eyes(portrait: AnalysedPortrait) -> None:
    puppet = Puppet(portrait, VIDEO, Framing.AUTO)
    open_eyes, shut_eyes = show(puppet, Pose()), show(puppet, Pose(blink=1.0))
    for eye in puppet.shape.eyes:
        column, row = puppet.shape.frame.to_px(eye.iris).round().astype(int)
        pupil = np.s_[row - 2 : row + 3, column - 2 : column + 3]
        assert shut_eyes[pupil].mean() > open_eyes[pupil].mean() + 40


def test_everything_around_the_head_stays_still(portrait: AnalysedPortrait) -> None:
    puppet = Puppet(portrait, VIDEO, Framing.AUTO)
    frame = show(puppet, WILD)
    outside = np.ones(frame.shape[:2], bool)
    outside[puppet.region.window] = False
    assert np.array_equal(frame[outside], puppet.photo[outside])
    edge = np.ones(frame.shape[:2], bool)
    edge[1:-1, 1:-1] = False
    assert np.abs(frame[edge].astype(int) - puppet.photo[edge]).max() <= 2


def test_the_region_s_border_does_not_show(portrait: AnalysedPortrait) -> None:
    puppet = Puppet(portrait, VideoFormat(640, 640), Framing.FULL)
    moved = show(puppet, WILD).astype(int)
    region = puppet.region
    ring = np.zeros(moved.shape[:2], bool)
    ring[region.window] = True
    ring[region.y + 2 : region.y + region.height - 2, region.x + 2 : region.x + region.width - 2] = False
    assert np.abs(moved[ring] - puppet.photo[ring]).max() <= 3


@pytest.mark.parametrize("size", [(64, 64), (96, 64), (256, 512), (1920, 1080)])
@pytest.mark.parametrize("framing", list(Framing))
def test_all_sizes_draw_without_black_pixels(
    portrait: AnalysedPortrait, size: tuple[int, int], framing: Framing
) -> None:
    lit = dataclasses.replace(portrait, image=np.maximum(portrait.image, 40))
    video = VideoFormat(*size) if framing is Framing.AUTO else VideoFormat(size[0], size[0] // 2 * 2)
    puppet = Puppet(lit, video, framing)
    frame = show(puppet, dataclasses.replace(WILD, mouth=MouthPose()))
    assert (frame.max(axis=2) < 20).sum() <= (puppet.photo.max(axis=2) < 20).sum()
    assert len(puppet.frame(WILD, PixelFormat.I420)) == video.width * video.height * 3 // 2


def test_i420_and_rgb_show_the_same(portrait: AnalysedPortrait) -> None:
    puppet = Puppet(portrait, VIDEO, Framing.AUTO)
    planes = np.frombuffer(puppet.frame(WILD, PixelFormat.I420), np.uint8).reshape(768, 512)
    difference = np.abs(cv2.cvtColor(planes, cv2.COLOR_YUV2RGB_I420).astype(int) - show(puppet, WILD))
    assert difference.mean() < 4


@pytest.mark.parametrize("crop", [(174, 60, 100, 100), (200, 60, 312, 120), (0, 90, 512, 422)])
def test_faces_cut_by_the_picture_draw(portrait: AnalysedPortrait, crop: tuple[int, int, int, int]) -> None:
    x, y, width, height = crop
    landmarks = portrait.landmarks - np.array([x, y, 0], np.float32)
    image = np.ascontiguousarray(portrait.image[y : y + height, x : x + width])
    puppet = Puppet(dataclasses.replace(portrait, image=image, landmarks=landmarks), VIDEO, Framing.AUTO)
    assert show(puppet, WILD).shape == (512, 512, 3)


def test_the_chin_follows_the_jaw(portrait: AnalysedPortrait) -> None:
    puppet = Puppet(portrait, VIDEO, Framing.AUTO)
    column, row = puppet.shape.frame.to_px(puppet.shape.chin).round().astype(int)
    strip = np.s_[row - 30 : row + 30, column - 10 : column + 10]
    closed, dropped = (show(puppet, Pose(mouth=MouthPose(jaw=jaw)))[strip].astype(float) for jaw in (0, 1))
    shifts = [np.abs(np.roll(closed, shift, axis=0)[20:50] - dropped[20:50]).mean() for shift in range(20)]
    assert 6 <= int(np.argmin(shifts)) <= 16


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0])
def test_blur_is_measured(sigma: float) -> None:
    board = np.kron(np.indices((6, 6)).sum(axis=0) % 2, np.full((40, 40), 200)).astype(np.uint8)
    blurred = cv2.GaussianBlur(np.dstack([board] * 3), (0, 0), sigma)
    assert blur_sigma(np.asarray(blurred, np.uint8)) == pytest.approx(sigma, rel=0.3)
