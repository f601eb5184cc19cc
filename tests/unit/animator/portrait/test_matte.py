"""Where the person is, in photos, drawings, crowds, and where that cannot be told."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from likeness_animator.portrait import AnalysedPortrait, PortraitAnalyser
from likeness_animator.portrait.landmarks import FaceLandmarks
from likeness_animator.portrait.matte import SIDE, one_person
from tests.unit.animator.portrait import faces

pytestmark = pytest.mark.unit

Photo = NDArray[np.uint8]
Analyse = Callable[[Photo], AnalysedPortrait]
HAIR, NECK, SHOULDER = (165, 75), (225, 195), (160, 280)
BESIDE, ABOVE = (330, 100), (120, 30)


@pytest.fixture(scope="module")
def analyse(analyser: PortraitAnalyser, encode: Callable[..., bytes]) -> Analyse:
    return lambda image: analyser.analyse(encode(image))


def shares(portrait: AnalysedPortrait, scale: float = 1.0, shift: tuple[int, int] = (0, 0)) -> NDArray[np.float32]:
    """The matte in the astronaut's own pixels, where the portrait shows that photo scaled and then shifted."""
    assert portrait.matte is not None
    matrix = np.array([[1 / scale, 0, -shift[0] / scale], [0, 1 / scale, -shift[1] / scale]])
    return portrait.matte.to(matrix, 512, 512)


def assert_is_the_astronaut(share: NDArray[np.float32]) -> None:
    for x, y in (faces.FACE_CENTRE, HAIR, NECK, SHOULDER):
        assert share[y, x] > 0.9
    for x, y in (BESIDE, ABOVE):
        assert share[y, x] < 0.05


def test_head_hair_and_shoulders_are_the_person(analyse: Analyse, astronaut: Photo) -> None:
    portrait = analyse(astronaut)
    assert_is_the_astronaut(shares(portrait))
    assert portrait.matte is not None
    assert portrait.matte.alpha.shape == (SIDE, SIDE)
    assert portrait.matte.alpha.dtype == np.uint8


def test_drawn_faces_have_one_too(analyse: Analyse, astronaut: Photo) -> None:
    assert_is_the_astronaut(shares(analyse(faces.painted(astronaut))))


@pytest.mark.parametrize("at", [(0, 900), (1400, 60)])
def test_a_small_face_anywhere_in_a_large_picture(analyse: Analyse, astronaut: Photo, at: tuple[int, int]) -> None:
    background = np.asarray(cv2.cvtColor(cv2.GaussianBlur(data.camera(), (0, 0), 9), cv2.COLOR_GRAY2RGB), np.uint8)
    picture = faces.in_landscape(astronaut[:400, 60:420], background, 1900, at)
    assert_is_the_astronaut(shares(analyse(picture), shift=(at[0] - 60, at[1])))


def test_a_large_photo_has_the_same(analyse: Analyse, astronaut: Photo) -> None:
    assert_is_the_astronaut(shares(analyse(faces.scaled(astronaut, 3 * faces.FACE_WIDTH)), scale=3.0))


def test_of_two_people_only_the_one_who_speaks_is_cut_out(analyse: Analyse, astronaut: Photo) -> None:
    other = np.asarray(cv2.resize(astronaut, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA), np.uint8)
    picture = astronaut.copy()
    picture[512 - 330 :, 290:] = 230
    picture[40 : 40 + 410, 300:] = other[:, 100:312]
    share = shares(analyse(picture))
    x, y = 300 + round(0.8 * faces.FACE_CENTRE[0]) - 100, 40 + round(0.8 * faces.FACE_CENTRE[1])
    assert share[y, x - 40] < 0.05
    assert share[faces.FACE_CENTRE[::-1]] > 0.9


def test_a_face_that_the_network_misses_has_no_matte(analyser: PortraitAnalyser, analyse: Analyse) -> None:
    nothing = np.full((512, 512, 3), 200, np.uint8)
    points = analyse(data.astronaut()).landmarks
    assert analyser.load().matte(nothing, FaceLandmarks(points, 1.0)) is None


FACE = np.array([[100, 100], [140, 100], [140, 150], [100, 150]], np.float32)


def person_at(x: int) -> Photo:
    alpha = np.zeros((SIDE, SIDE), np.uint8)
    alpha[80:200, x : x + 70] = 255
    return alpha


def test_what_is_not_connected_to_the_face_is_left_out() -> None:
    alone, other = person_at(85), person_at(180)
    alone[90:120, 155:160] = 90
    found = one_person(np.maximum(alone, other), FACE)
    assert found is not None
    assert (found == alone).all()


def test_a_half_covered_face_has_no_matte() -> None:
    assert one_person(person_at(118), FACE) is None
    assert one_person(np.zeros((SIDE, SIDE), np.uint8), FACE) is None


def test_small_holes_in_the_face_are_filled() -> None:
    alpha = person_at(85)
    alpha[110:115, 110:115] = 0
    found = one_person(alpha, FACE)
    assert found is not None
    assert (found == person_at(85)).all()


def test_under_a_face_is_a_neck() -> None:
    alpha = person_at(85)
    alpha[155:165, 110:130] = 100
    found = one_person(alpha, FACE)
    assert found is not None
    assert (found[155:165, 115:125] == 255).all()
