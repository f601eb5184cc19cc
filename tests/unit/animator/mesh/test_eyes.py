"""Drawn eyes and expressions, measured in the pixels."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator.engines.mesh.pose import Pose
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.engines.mesh.shape import Eye
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import Framing, PixelFormat, VideoFormat

from .speech import as_rgb

pytestmark = pytest.mark.unit

VIDEO = VideoFormat(512, 512, pixel_format=PixelFormat.RGB24)
Picture = NDArray[np.uint8]
Show = Callable[[Pose], Picture]


@pytest.fixture(scope="module")
def puppet(portrait: AnalysedPortrait) -> Puppet:
    return Puppet(portrait, VIDEO, Framing.AUTO)


@pytest.fixture(scope="module")
def show(puppet: Puppet) -> Show:
    return lambda pose: as_rgb(puppet.frame(pose, PixelFormat.RGB24), VIDEO)


def box(puppet: Puppet, low: tuple[float, float], high: tuple[float, float]) -> tuple[slice, slice]:
    """Pixels between two corners in face mm."""
    corners = puppet.shape.frame.to_px(np.array([low, high, (low[0], high[1]), (high[0], low[1])]))
    (x0, y0), (x1, y1) = corners.min(axis=0).round().astype(int), corners.max(axis=0).round().astype(int)
    return slice(y0, y1), slice(x0, x1)


def moved(before: Picture, after: Picture, place: tuple[slice, slice]) -> tuple[float, float]:
    """How far a part of the picture went, in pixels right and down."""
    pieces = [cv2.cvtColor(picture[place], cv2.COLOR_RGB2GRAY).astype(np.float32) for picture in (before, after)]
    window = cv2.createHanningWindow(pieces[0].shape[::-1], cv2.CV_32F)
    (x, y), _ = cv2.phaseCorrelate(pieces[0], pieces[1], window)
    return x, y


def darkness(picture: Picture) -> float:
    """The column around which its dark pixels lie."""
    weight = np.clip(90.0 - picture.max(axis=2), 0, None).sum(axis=0)
    return float((weight * np.arange(len(weight))).sum() / weight.sum())


def around_iris(puppet: Puppet, eye: Eye, reach: float) -> tuple[slice, slice]:
    x, y = eye.iris.tolist()
    return box(puppet, (x - reach, y - reach), (x + reach, y + reach))


def test_irises_move_with_the_gaze(puppet: Puppet, show: Show) -> None:
    rest = show(Pose())
    for eye in puppet.shape.eyes:
        place = around_iris(puppet, eye, 7.0)
        left, middle, right = (
            darkness(frame[place]) for frame in (show(Pose(gaze_x=-1.5)), rest, show(Pose(gaze_x=1.5)))
        )
        assert right - middle > 0.8
        assert middle - left > 0.8


def test_gaze_leaves_the_skin_around_the_eyes_alone(puppet: Puppet, show: Show) -> None:
    difference = np.abs(show(Pose(gaze_x=1.5)).astype(int) - show(Pose())).max(axis=2)
    for eye in puppet.shape.eyes:
        x = eye.slit.middle_x
        above = box(puppet, (x - 12, eye.brow_y - 2), (x + 12, float(eye.slit.upper.min()) - 2.5))
        assert np.percentile(difference[above], 99) <= 3


def test_closed_lids_hide_the_eye_and_keep_the_brow(puppet: Puppet, show: Show) -> None:
    opened, half, shut = (show(Pose(blink=blink)) for blink in (0.0, 0.5, 1.0))
    for eye in puppet.shape.eyes:
        iris = around_iris(puppet, eye, 2.5)
        skin = box(puppet, (eye.iris[0] - 4, eye.slit.lower.max() + 5), (eye.iris[0] + 4, eye.slit.lower.max() + 9))
        assert opened[iris].mean() < 0.6 * opened[skin].mean()
        assert shut[iris].mean() > 0.7 * shut[skin].mean()
        assert opened[iris].mean() <= half[iris].mean() <= shut[iris].mean()
        brow = box(puppet, (eye.slit.middle_x - 14, eye.brow_y - 5), (eye.slit.middle_x + 14, eye.brow_y + 4))
        assert np.abs(shut[brow].astype(int) - opened[brow]).mean() < 1.5


def test_open_eyes_at_rest_are_those_of_the_photo(puppet: Puppet) -> None:
    for eye in puppet._eyes:
        photo = puppet._moving[eye.region.inside(puppet.region).window]
        drawn = photo.copy()
        eye.draw(Pose(), drawn)
        difference = np.abs(drawn.astype(int) - photo).max(axis=2)
        assert (difference > 3).mean() < 0.01


def test_lids_narrow_and_widen_the_eye(puppet: Puppet, show: Show) -> None:
    def dark(pose: Pose) -> int:
        frame = show(pose)
        return sum(int((frame[around_iris(puppet, eye, 7.0)].max(axis=2) < 90).sum()) for eye in puppet.shape.eyes)

    assert dark(Pose(lids=1.0)) < dark(Pose()) < dark(Pose(lids=-1.0))


def test_brows_rise_and_draw_together(puppet: Puppet, show: Show) -> None:
    rest, raised, furrowed = show(Pose()), show(Pose(brow=1.0)), show(Pose(furrow=1.0))
    for eye in puppet.shape.eyes:
        whole = box(puppet, (eye.slit.middle_x - 12, eye.brow_y - 7), (eye.slit.middle_x + 12, eye.brow_y + 6))
        assert moved(rest, raised, whole)[1] < -1
        towards = -np.sign(eye.slit.middle_x)
        inner_x = eye.slit.middle_x + towards * 0.4 * eye.slit.width
        inner = box(puppet, (inner_x - 8, eye.brow_y - 7), (inner_x + 8, eye.brow_y + 7))
        across, down = moved(rest, furrowed, inner)
        assert towards * across > 0.2
        assert down > 0.1


def test_smiles_lift_the_corners_of_the_mouth(puppet: Puppet, show: Show) -> None:
    rest, smiling, sad = (show(Pose(smile=smile)) for smile in (0.0, 1.0, -0.5))
    mouth = puppet.shape.mouth
    for x, outwards in ((mouth.middle_x - mouth.left_width, -1), (mouth.middle_x + mouth.right_width, 1)):
        corner = box(puppet, (x - 12, mouth.centre[1] - 12), (x + 12, mouth.centre[1] + 12))
        across, down = moved(rest, smiling, corner)
        assert down < -0.8
        assert outwards * across > 0.5
        assert moved(rest, sad, corner)[1] > 0.3
