"""What holds for the warp in every pose that the actor can ask for."""

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from likeness_animator.engines.mesh import fields
from likeness_animator.engines.mesh.pose import HeadPose, MouthPose, Pose
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.engines.mesh.shape import Array
from likeness_animator.engines.mesh.warp import Region
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import Framing, VideoFormat

from .life import live, murmur

pytestmark = pytest.mark.unit

VIDEO = VideoFormat(256, 256)
LARGEST = HeadPose(yaw=12, pitch=9, roll=10, shift_x=3.2, shift_y=3.2)
LIVELIEST = 1.75
STEP_MM = 3.0


def turned(portrait: AnalysedPortrait, degrees: float) -> AnalysedPortrait:
    """The portrait with a face that looks aside: its landmarks turned in space about their middle."""
    centre, angle = portrait.landmarks.mean(axis=0), np.radians(degrees)
    turn = np.array([[np.cos(angle), 0, -np.sin(angle)], [0, 1, 0], [np.sin(angle), 0, np.cos(angle)]])
    landmarks = ((portrait.landmarks - centre) @ turn + centre).astype(np.float32)
    return dataclasses.replace(portrait, landmarks=landmarks)


@pytest.fixture(scope="module", params=["whole", "cut out", "turned left", "turned right"])
def puppet(request: pytest.FixtureRequest, portrait: AnalysedPortrait, cut_out: AnalysedPortrait) -> Puppet:
    chosen = {
        "whole": portrait,
        "cut out": cut_out,
        "turned left": turned(cut_out, 22),
        "turned right": turned(cut_out, -22),
    }
    return Puppet(chosen[request.param], VIDEO, Framing.AUTO)


def within(most: float) -> st.SearchStrategy[float]:
    return st.floats(-most, most, allow_nan=False)


heads = st.builds(HeadPose, *(within(value) for value in dataclasses.astuple(LARGEST)))
mouths = st.builds(MouthPose, jaw=st.floats(0, 1), upper=st.floats(0, 1), lower=st.floats(0, 1), width=within(1))
every_pose = st.builds(Pose, mouth=mouths, head=heads, brow=within(1.4), smile=within(1))
examples = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def places_after(puppet: Puppet, points: Array, head: HeadPose) -> Array:
    change = fields.weights(Pose(head=head)) - fields.weights(Pose())
    return np.asarray(points + np.tensordot(change, puppet.fields(points)[0], 1))


@examples
@given(head=heads)
def test_no_part_of_a_head_folds_or_shrinks_to_nothing(puppet: Puppet, head: HeadPose) -> None:
    face = puppet.shape
    side, top = 1.35 * face.half_width, face.top_y - 40
    points = np.stack(np.meshgrid(np.arange(-side, side, STEP_MM), np.arange(top, face.chin[1] + 70, STEP_MM)), -1)
    places = places_after(puppet, points, head)
    along_x, along_y = (np.gradient(places, STEP_MM, axis=axis) for axis in (1, 0))
    area = along_x[..., 0] * along_y[..., 1] - along_x[..., 1] * along_y[..., 0]
    assert area.min() > 0.25
    assert area.max() < 2.5


@examples
@given(pose=every_pose)
def test_the_map_back_never_folds(puppet: Puppet, pose: Pose) -> None:
    places = puppet._grid.backward(puppet._fields, fields.weights(pose).astype(np.float32))
    along_x, along_y = np.diff(places, axis=1)[:-1], np.diff(places, axis=0)[:, :-1]
    # The line of the lips is torn on purpose, and drawn over by the mouth's own patch.
    area = along_x[..., 0] * along_y[..., 1] - along_x[..., 1] * along_y[..., 0]
    mouth = puppet._mouth.region.inside(puppet.region)
    area[mouth.y : mouth.y + mouth.height, mouth.x : mouth.x + mouth.width] = 1
    assert area.min() > 0


@examples
@given(head=heads)
def test_the_map_back_leads_to_where_a_point_came_from(puppet: Puppet, head: HeadPose) -> None:
    face, grid = puppet.shape, puppet._grid
    points = np.array([face.eyes[0].iris, face.eyes[1].iris, [0.0, face.top_y], [0.0, -20.0], face.nose_tip])
    neutral = fields.weights(Pose())
    start = points + np.tensordot(neutral, puppet.fields(points)[0], 1)
    corner = np.array([puppet.region.x, puppet.region.y])
    arrived = face.frame.to_px(places_after(puppet, points, head) + start - points) - corner
    places = grid.backward(puppet._fields, fields.weights(Pose(head=head)).astype(np.float32))
    columns, rows = np.rint(arrived).astype(int).T
    back = places[rows, columns] - (np.rint(arrived) - arrived)
    assert back == pytest.approx(face.frame.to_px(points) - corner, abs=0.6)


def test_the_actor_stays_within_these_poses() -> None:
    largest = np.zeros(5)
    for seed in range(2):
        head = live(murmur(60, seed), seed, energy=LIVELIEST).head
        largest = np.maximum(largest, np.abs([dataclasses.astuple(pose) for pose in head]).max(axis=0))
    assert (largest < dataclasses.astuple(LARGEST)).all()
    assert largest[0] > 0.3 * LARGEST.yaw


def test_regions_in_common() -> None:
    assert Region(0, 10, 20, 20).common(Region(5, 0, 30, 15)) == Region(5, 10, 15, 5)
