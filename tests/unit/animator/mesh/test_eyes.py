"""Drawn eyes and expressions, measured in the pixels."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator.engines.mesh.eyes import EyePatch
from likeness_animator.engines.mesh.pose import Pose
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.engines.mesh.shape import Eye
from likeness_animator.engines.mesh.warp import to_rgba
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


def drawn(eye: EyePatch, **pose: float) -> Picture:
    picture = np.zeros((eye.region.height, eye.region.width, 4), np.uint8)
    eye.draw(Pose(**pose), picture)  # type: ignore[arg-type]  # none of the numbers is a part of the pose
    return picture


def fresh(puppet: Puppet) -> list[EyePatch]:
    source = to_rgba(puppet._source)
    return [EyePatch(source, puppet.shape, eye, sigma=0.7) for eye in puppet.shape.eyes]


def test_shut_lids_have_no_streaks(puppet: Puppet, show: Show) -> None:
    """Along the lid, its skin changes no more from pixel to pixel than the skin below it."""
    shut = show(Pose(blink=1.0)).astype(float).mean(axis=2)

    def roughness(place: tuple[slice, slice]) -> float:
        return float((np.diff(shut[place], axis=1) ** 2).mean())

    for eye in puppet.shape.eyes:
        x, quarter = eye.slit.middle_x, eye.slit.width / 4
        upper, lower = float(eye.slit.upper.min()), float(eye.slit.lower.max())
        lid = box(puppet, (x - quarter, upper), (x + quarter, lower - 3))
        cheek = box(puppet, (x - quarter, lower + 6), (x + quarter, lower + 14))
        assert roughness(lid) <= roughness(cheek)


def test_shut_lids_end_in_dark_lashes(puppet: Puppet, show: Show) -> None:
    shut = show(Pose(blink=1.0)).astype(float).mean(axis=2)
    for eye in puppet.shape.eyes:
        x, lower = eye.slit.middle_x, float(eye.slit.lower.max())
        lid = shut[box(puppet, (x - 5, float(eye.slit.upper.min())), (x + 5, lower - 3))]
        edge = shut[box(puppet, (x - 5, lower - 3), (x + 5, lower + 3))]
        # In every column there is a dark line, and no other one.
        assert (edge.min(axis=0) < 0.6 * lid.mean()).all()
        assert (lid.min(axis=0) > 0.8 * lid.mean()).all()


def test_shut_lids_have_the_colour_of_the_skin_around(puppet: Puppet, show: Show) -> None:
    shut = show(Pose(blink=1.0))
    for eye in puppet.shape.eyes:
        x, lower = eye.slit.middle_x, float(eye.slit.lower.max())
        lid, cheek = (
            shut[box(puppet, (x - 5, top), (x + 5, bottom))].mean(axis=(0, 1))
            for top, bottom in ((float(eye.slit.upper.min()), lower - 3), (lower + 6, lower + 12))
        )
        assert 0.65 * cheek.mean() < lid.mean() < 1.15 * cheek.mean()
        assert np.allclose(lid / lid.sum(), cheek / cheek.sum(), atol=0.04)


def test_eyes_that_were_drawn_before_are_the_same(puppet: Puppet) -> None:
    poses = [{"blink": step / 11, "gaze_x": step / 7 - 1, "gaze_y": 0.5 - step / 9, "lids": 0.3} for step in range(12)]
    used = fresh(puppet)
    first = [[drawn(eye, **pose) for eye in used] for pose in poses]
    again = [[drawn(eye, **pose) for eye in used] for pose in reversed(poses)]
    for pose, before, after in zip(poses, first, reversed(again), strict=True):
        for eye, one, other in zip(fresh(puppet), before, after, strict=True):
            assert np.array_equal(one, other)
            assert np.array_equal(one, drawn(eye, **pose))


def test_drawn_eyes_cannot_be_spoiled_by_who_draws_over_them(puppet: Puppet) -> None:
    eye = fresh(puppet)[0]
    first = drawn(eye, gaze_x=0.5)
    kept = first.copy()
    first[...] = 0
    assert np.array_equal(drawn(eye, gaze_x=0.5), kept)


def test_what_is_not_quite_of_the_person_stays_so(puppet: Puppet) -> None:
    source = to_rgba(puppet._source)
    eye = puppet.shape.eyes[0]
    corner = puppet._eyes[0].region
    source[corner.y : corner.y + 4, corner.x : corner.x + 4] //= 2
    drawn_over = np.zeros((corner.height, corner.width, 4), np.uint8)
    EyePatch(source, puppet.shape, eye, sigma=0.7).draw(Pose(blink=1.0, gaze_x=1.0), drawn_over)
    assert np.array_equal(drawn_over[:4, :4], source[corner.window][:4, :4])
    assert (drawn_over[4:, 4:, 3] == 255).all()


def test_eyes_move_in_steps_too_small_to_see(puppet: Puppet) -> None:
    for eye in fresh(puppet):
        previous = drawn(eye, gaze_x=0.0)
        changed = 0
        for step in range(1, 41):
            current = drawn(eye, gaze_x=step / 100)
            jump = np.abs(current.astype(int) - previous).max(axis=2)
            changed += bool(jump.any())
            assert jump.max() < 40
            assert (jump > 12).mean() < 0.03
            previous = current
        assert 3 <= changed <= 10


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
