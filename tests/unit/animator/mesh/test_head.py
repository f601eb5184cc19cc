"""How the head turns: exactly, in depth, and without folds."""

import numpy as np
import pytest

from likeness_animator.engines.mesh import fields
from likeness_animator.engines.mesh.fields.rotation import seen_rotation
from likeness_animator.engines.mesh.pose import HeadPose, Pose
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.engines.mesh.shape import Array
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import Framing, PixelFormat, VideoFormat

pytestmark = pytest.mark.unit

VIDEO = VideoFormat(512, 512, pixel_format=PixelFormat.RGB24)
PIVOT_ABOVE_CHIN_MM = 22.0


@pytest.fixture(scope="module")
def puppet(portrait: AnalysedPortrait) -> Puppet:
    return Puppet(portrait, VIDEO, Framing.AUTO)


def moved(puppet: Puppet, points: Array, head: HeadPose) -> Array:
    """Displacement in mm of points (..., 2), by the head alone."""
    still, turned = (fields.weights(pose) for pose in (Pose(), Pose(head=head)))
    return np.asarray(np.tensordot(turned - still, puppet.fields(points)[0], 1))


@pytest.mark.parametrize("head", [HeadPose(yaw=8), HeadPose(pitch=-8), HeadPose(roll=8), HeadPose(10, -10, 10)])
def test_the_face_turns_as_a_solid_body(puppet: Puppet, head: HeadPose) -> None:
    face = puppet.shape
    points = np.array([face.nose_tip, face.eyes[0].iris, face.eyes[1].iris, face.mouth.centre, [0.0, -20.0]])
    pivot = np.array([0.0, face.chin[1] - PIVOT_ABOVE_CHIN_MM])
    solid = np.column_stack([points - pivot, puppet._head.surface.depth(points)])
    matrix = seen_rotation(*np.radians([head.yaw, head.pitch, head.roll]))
    expected = solid @ matrix.T + pivot - points
    assert moved(puppet, points, head) == pytest.approx(expected, abs=0.05)


def test_rotations_keep_lengths() -> None:
    rows = seen_rotation(0.1, -0.15, 0.12)
    assert rows @ rows.T == pytest.approx(np.eye(2))


def test_turns_go_where_they_should(puppet: Puppet) -> None:
    nose = puppet.shape.nose_tip[None]
    assert moved(puppet, nose, HeadPose(yaw=5))[0, 0] > 5
    assert moved(puppet, nose, HeadPose(pitch=5))[0, 1] > 5
    assert moved(puppet, np.array([[0.0, -60.0]]), HeadPose(roll=5))[0, 0] > 5


def test_the_nose_moves_more_than_the_cheeks_and_the_far_cheek_narrows(puppet: Puppet) -> None:
    face = puppet.shape
    y, side = face.nose_tip[1], 0.9 * face.half_width
    left, nose, right = moved(puppet, np.array([[-side, y], [face.nose_tip[0], y], [side, y]]), HeadPose(yaw=6))[:, 0]
    assert nose > 1.5 * max(left, right)
    assert right - nose < 0 < nose - left


def test_nothing_folds_in_any_pose(puppet: Puppet) -> None:
    rng = np.random.default_rng(5)
    across, down = np.meshgrid(np.arange(-170, 170, 3.0), np.arange(-190, 200, 3.0))
    points = np.stack([across, down], axis=-1)
    for angles in rng.uniform(-10, 10, (40, 3)):
        head = HeadPose(*angles, *rng.uniform(-3, 3, 2))
        places = points + moved(puppet, points, head)
        along_x, along_y = (np.gradient(places, 3.0, axis=axis) for axis in (1, 0))
        area = along_x[..., 0] * along_y[..., 1] - along_x[..., 1] * along_y[..., 0]
        assert area.min() > 0.25


def test_the_map_back_undoes_the_movement(puppet: Puppet) -> None:
    rng = np.random.default_rng(6)
    for angles in rng.uniform(-10, 10, (10, 3)):
        weights = fields.weights(Pose(head=HeadPose(*angles))).astype(np.float32)
        places = puppet._grid.backward(puppet._fields, weights)
        along_x, along_y = np.diff(places, axis=1)[:-1], np.diff(places, axis=0)[:, :-1]
        assert (along_x[..., 0] * along_y[..., 1] - along_x[..., 1] * along_y[..., 0]).min() > 0


def test_depth_rises_to_the_nose(puppet: Puppet) -> None:
    face = puppet.shape
    side = np.array([face.half_width, face.nose_tip[1]])
    nose, cheek, hair, neck = puppet._head.surface.depth(
        np.array([face.nose_tip, side * [0.6, 1], [0.0, face.top_y - 60], face.chin + np.array([0.0, 40.0])])
    )
    assert nose > cheek + 10
    assert cheek > hair + 10
    assert 0 <= neck < cheek
