"""What is said of a face, from its landmarks alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator.portrait.analyser import describe
from likeness_animator.portrait.decode import Picture
from likeness_animator.portrait.landmarks import FaceLandmarks
from likeness_animator.portrait.pose import MIRROR_PAIRS, YAW_GAIN, estimate_pose
from likeness_common.errors import InvalidArgument, Reason

pytestmark = pytest.mark.unit


def face(width: float = 200.0, yaw: float = 0.0, roll: float = 0.0) -> NDArray[np.float32]:
    """A flat symmetric face around (256, 256) whose depth shows `yaw` as the mesh model would."""
    points = np.zeros((478, 3), np.float32)
    right, left = MIRROR_PAIRS.T
    points[right, 0], points[left, 0] = -width / 2, width / 2
    yaw, roll = np.radians(yaw / YAW_GAIN), np.radians(roll)
    x, y = points[:, 0].copy(), points[:, 1].copy()
    points[:, 0], points[:, 2] = x * np.cos(yaw), x * np.sin(yaw)
    x = points[:, 0].copy()
    points[:, 0], points[:, 1] = x * np.cos(roll) - y * np.sin(roll), x * np.sin(roll) + y * np.cos(roll)
    return points + np.array([256, 256, 0], np.float32)


PICTURE = Picture(np.zeros((512, 512, 3), np.uint8), ("decoded",))


def reason_for(points: NDArray[np.float32]) -> tuple[Reason, str]:
    with pytest.raises(InvalidArgument) as raised:
        describe("id", PICTURE, [FaceLandmarks(points, 1.0)])
    return raised.value.reason, raised.value.message


@pytest.mark.parametrize(("yaw", "roll"), [(0, 0), (25, 0), (-30, 10), (10, -40), (0, 170)])
def test_pose_is_read_back(yaw: float, roll: float) -> None:
    pose = estimate_pose(face(yaw=yaw, roll=roll))
    assert pose.yaw == pytest.approx(yaw, abs=0.1)
    assert pose.roll == pytest.approx(roll, abs=0.1)


@pytest.mark.parametrize("yaw", [-50, -36, 36, 60])
def test_turned_heads_are_refused_with_the_angle(yaw: float) -> None:
    reason, message = reason_for(face(yaw=yaw))
    assert reason is Reason.FACE_TURNED_AWAY
    assert f"about {abs(yaw)} degrees" in message


def test_heads_within_the_limit_pass_and_keep_the_decoder_s_notices() -> None:
    portrait = describe("id", PICTURE, [FaceLandmarks(face(yaw=34), 1.0)])
    assert portrait.info.yaw_degrees == pytest.approx(34, abs=0.1)
    assert portrait.info.notices[0] == "decoded"
    assert "34 degrees" in portrait.info.notices[1]


def test_lying_heads_are_refused_with_the_angle() -> None:
    reason, message = reason_for(face(roll=-90))
    assert reason is Reason.FACE_TURNED_AWAY
    assert "90 degrees" in message


@pytest.mark.parametrize(("width", "accepted"), [(31, False), (33, True)])
def test_the_narrowest_face(width: float, accepted: bool) -> None:
    if accepted:
        assert "soft" in describe("id", PICTURE, [FaceLandmarks(face(width), 1.0)]).info.notices[1]
    else:
        assert reason_for(face(width))[0] is Reason.FACE_TOO_SMALL


def test_the_box_stays_within_the_picture() -> None:
    box = describe("id", PICTURE, [FaceLandmarks(face(width=2000), 1.0)]).info.face
    assert (box.x, box.width) == (0, 512)
    assert 0 <= box.y < box.y + box.height <= 512
