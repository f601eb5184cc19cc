"""Real photos through the real models."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from likeness_animator.portrait import AnalysedPortrait, PortraitAnalyser
from likeness_animator.portrait.analysed import IRIS_LEFT, IRIS_RIGHT, MESH
from likeness_common.errors import FailedPrecondition, InvalidArgument, Reason
from likeness_common.media import portrait_id
from likeness_common.weights import WeightStore
from tests.unit.animator.portrait import faces

pytestmark = pytest.mark.unit

Photo = NDArray[np.uint8]
RIGHT_EYE, LEFT_EYE = (33, 133), (362, 263)
NOSE_TIP = 1
MEDIAPIPE = {
    33: (193.8, 101.0),
    133: (213.1, 103.8),
    362: (236.7, 105.1),
    263: (256.6, 104.3),
    1: (222.6, 131.5),
    61: (200.4, 139.2),
    291: (246.0, 142.0),
    13: (222.5, 142.4),
    14: (222.1, 150.3),
    152: (220.2, 176.9),
    10: (226.9, 69.4),
    234: (178.8, 111.7),
    454: (271.5, 116.6),
    468: (203.5, 101.1),
    469: (207.6, 101.3),
    470: (203.6, 97.7),
    473: (246.6, 103.5),
    474: (250.7, 103.6),
    475: (246.6, 100.1),
}


@pytest.fixture(scope="module")
def analyse(analyser: PortraitAnalyser, encode: Callable[..., bytes]) -> Callable[[Photo], AnalysedPortrait]:
    return lambda image: analyser.analyse(encode(image))


Analyse = Callable[[Photo], AnalysedPortrait]


@pytest.fixture(scope="module")
def known(analyse: Analyse, astronaut: Photo) -> AnalysedPortrait:
    return analyse(astronaut)


def refusal(analyse: Analyse, image: Photo) -> InvalidArgument:
    with pytest.raises(InvalidArgument) as raised:
        analyse(image)
    assert raised.value.field == "portrait"
    return raised.value


def mean_error(found: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    """Mean distance in the picture, in hundredths of the face's width."""
    distance = np.linalg.norm(found[MESH, :2] - expected[MESH, :2], axis=1).mean()
    return float(100 * distance / np.ptp(expected[MESH, 0]))


def test_a_real_photo(known: AnalysedPortrait, astronaut: Photo, encode: Callable[..., bytes]) -> None:
    assert known.info.id == portrait_id(encode(astronaut))
    assert (known.info.width, known.info.height) == (512, 512)
    assert known.landmarks.shape == (478, 3)
    assert known.landmarks.dtype == np.float32
    assert (known.image == astronaut).all()
    assert known.info.notices == ()
    assert abs(known.info.yaw_degrees) < 5
    face = known.info.face
    assert 85 < face.width < 105
    assert face.x < 224 < face.x + face.width
    assert face.y < 123 < face.y + face.height


def test_landmarks_are_those_of_mediapipe(known: AnalysedPortrait) -> None:
    """Positions that MediaPipe 0.10.21 itself tracks on this photo, and its refined mesh for the irises."""
    for index, place in MEDIAPIPE.items():
        assert np.linalg.norm(known.landmarks[index, :2] - place) < 1.5, index
    assert known.landmarks[NOSE_TIP, 2] < known.landmarks[[33, 263], 2].min(), "the nose is nearer than the eyes"


@pytest.mark.parametrize(("iris", "eye"), [(IRIS_RIGHT, RIGHT_EYE), (IRIS_LEFT, LEFT_EYE)])
def test_irises_lie_in_their_eyes_and_keep_their_order(
    known: AnalysedPortrait, iris: slice, eye: tuple[int, int]
) -> None:
    centre, right, top, left, bottom = known.landmarks[iris, :2]
    corners = known.landmarks[list(eye), :2]
    assert corners[:, 0].min() < centre[0] < corners[:, 0].max()
    assert left[0] < centre[0] < right[0]
    assert top[1] < centre[1] < bottom[1]
    assert 0.3 < np.linalg.norm(right - left) / np.linalg.norm(corners[1] - corners[0]) < 0.7


@pytest.mark.parametrize(("angle", "scale"), [(15, 1.0), (-30, 1.0), (0, 1.6), (20, 0.7), (40, 1.0)])
def test_landmarks_follow_the_picture(
    analyse: Analyse, known: AnalysedPortrait, astronaut: Photo, angle: float, scale: float
) -> None:
    matrix = faces.warp_of(astronaut, angle, scale)
    found = analyse(faces.warped(astronaut, matrix))
    expected = known.landmarks.copy()
    expected[:, :2] = expected[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    assert mean_error(found.landmarks, expected) < 1.0


def test_a_mirrored_face_has_mirrored_landmarks(analyse: Analyse, known: AnalysedPortrait, astronaut: Photo) -> None:
    found = analyse(np.ascontiguousarray(astronaut[:, ::-1]))
    expected = 512 - known.landmarks[[263, 33, 291, 61], 0]
    assert np.abs(found.landmarks[[33, 263, 61, 291], 0] - expected).max() < 3


@pytest.mark.parametrize("side", [700, 3000])
def test_a_face_40_pixels_wide_is_found_in_a_large_photo_with_a_notice(
    analyse: Analyse, astronaut: Photo, side: int
) -> None:
    small = faces.scaled(astronaut, 40)
    found = analyse(faces.in_landscape(small, data.rocket(), side, (side // 2, side // 3)))
    assert 36 <= found.info.face.width <= 44
    assert "pixels wide, so the video will look soft" in found.info.notices[0]


def test_smaller_faces_are_refused_with_their_size(analyse: Analyse, astronaut: Photo) -> None:
    error = refusal(analyse, faces.scaled(astronaut, 26))
    assert error.reason is Reason.FACE_TOO_SMALL
    assert "at least 32" in error.message
    assert "closer or larger photo" in error.message


@pytest.mark.parametrize("name", ["coffee", "chelsea", "rocket", "hubble_deep_field"])
def test_pictures_without_a_face_are_refused(analyse: Analyse, name: str) -> None:
    error = refusal(analyse, getattr(data, name)())
    assert error.reason is Reason.FACE_NOT_FOUND
    assert "looks at the camera" in error.message
    assert "crop" in error.message


def test_the_largest_of_two_faces_is_taken_with_a_notice(analyse: Analyse, astronaut: Photo) -> None:
    large, small = astronaut[:300, 80:380], faces.scaled(astronaut, 66)[:210, 56:266]
    both = np.full((300, 560, 3), 128, np.uint8)
    both[50:260, :210], both[:, 250:550] = small, large
    found = analyse(both)
    assert found.info.face.x > 280
    assert "2 faces were found and the largest will speak" in found.info.notices[0]


def test_a_face_turned_away_is_refused_with_the_angle(analyse: Analyse) -> None:
    """A real photo: the cameraman looks past us, almost in profile, to his left."""
    error = refusal(analyse, data.camera())
    assert error.reason is Reason.FACE_TURNED_AWAY
    assert "degrees" in error.message
    assert "from the front" in error.message


@pytest.fixture(scope="module")
def turn_head(known: AnalysedPortrait, astronaut: Photo) -> Callable[[float], Photo]:
    left, top, right, bottom = 90, 0, 360, 270
    landmarks = known.landmarks - np.array([left, top, 0], np.float32)
    return lambda degrees: faces.turned(np.ascontiguousarray(astronaut[top:bottom, left:right]), landmarks, degrees)


@pytest.mark.parametrize("degrees", [-30, 30])
def test_yaw_has_the_sign_and_size_of_the_turn(
    analyse: Analyse, turn_head: Callable[[float], Photo], degrees: float
) -> None:
    found = analyse(turn_head(degrees))
    assert 15 < np.sign(degrees) * found.info.yaw_degrees < 35
    assert "turned by about" in found.info.notices[0]


def test_a_head_turned_by_60_degrees_is_refused(analyse: Analyse, turn_head: Callable[[float], Photo]) -> None:
    assert refusal(analyse, turn_head(60)).reason is Reason.FACE_TURNED_AWAY


@pytest.mark.parametrize("turn", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_180])
def test_a_face_on_its_side_is_refused(analyse: Analyse, astronaut: Photo, turn: int) -> None:
    error = refusal(analyse, np.asarray(cv2.rotate(astronaut, turn), np.uint8))
    assert error.reason is Reason.FACE_TURNED_AWAY
    assert "Rotate the photo" in error.message


@pytest.mark.parametrize("style", [faces.painted, faces.drawn])
def test_paintings_and_drawings_are_fine(
    analyse: Analyse, known: AnalysedPortrait, astronaut: Photo, style: Callable[[Photo], Photo]
) -> None:
    assert mean_error(analyse(style(astronaut)).landmarks, known.landmarks) < 4.0


def test_a_face_that_fills_the_picture_is_found(analyse: Analyse, known: AnalysedPortrait, astronaut: Photo) -> None:
    found = analyse(np.ascontiguousarray(astronaut[76:176, 178:272]))
    expected = known.landmarks - np.array([178, 76, 0], np.float32)
    assert mean_error(found.landmarks, expected) < 4.0
    face = found.info.face
    assert face.x >= 0
    assert face.y >= 0
    assert face.x + face.width <= 94
    assert face.y + face.height <= 100


def test_analysis_is_deterministic(analyse: Analyse, known: AnalysedPortrait, astronaut: Photo) -> None:
    again = analyse(astronaut)
    assert (again.landmarks == known.landmarks).all()
    assert again.info == known.info


def test_missing_weights_name_the_command(tmp_path: Path, encode: Callable[..., bytes], astronaut: Photo) -> None:
    with pytest.raises(FailedPrecondition, match="likeness models pull face") as raised:
        PortraitAnalyser(WeightStore(tmp_path)).analyse(encode(astronaut))
    assert raised.value.reason is Reason.ENGINE_UNAVAILABLE
