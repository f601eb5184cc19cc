"""What of a portrait the networks see, and where it was."""

import re

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator.engines.sadtalker.source import Preparation, Source, prepare
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_animator.portrait.landmarks68 import landmarks68
from likeness_common.errors import InvalidArgument, Reason

from .portraits import FACE, astronaut, moved, portrait_of, scaled, shifted

pytestmark = pytest.mark.unit

IN_ALIGNED = np.array([[80.2, 82.7], [143.5, 82.8], [112.3, 117.0], [86.3, 150.9], [137.4, 150.9]])
"""Where an average face has eyes, nose and corners of the mouth after alignment: x and y of STANDARD, 102 times."""


@pytest.fixture(scope="module")
def portrait() -> AnalysedPortrait:
    return astronaut()


def in_photo(source: Source, portrait: AnalysedPortrait) -> NDArray[np.float64]:
    matrix = source.to_portrait
    return (landmarks68(portrait.landmarks) - matrix[:, 2]) / np.diag(matrix[:, :2])


@pytest.mark.parametrize("size", [256, 512])
def test_the_cut_holds_the_head(portrait: AnalysedPortrait, size: int) -> None:
    source = prepare(portrait, size, Preparation.CROP)
    assert source.photo.shape == (size, size, 3)
    assert source.aligned.shape == (224, 224, 3)
    place = source.placement
    assert abs(place.width - place.height) <= 1
    cut = portrait.image[place.y : place.y + place.height, place.x : place.x + place.width]
    np.testing.assert_array_equal(source.photo, cv2.resize(cut, (size, size), interpolation=cv2.INTER_LINEAR))
    points = in_photo(source, portrait)
    assert (points > 0.1 * size).all()
    assert (points < 0.9 * size).all()


def test_full_sees_what_crop_sees(portrait: AnalysedPortrait) -> None:
    crop, full = prepare(portrait, 256, Preparation.CROP), prepare(portrait, 256, Preparation.FULL)
    np.testing.assert_array_equal(crop.photo, full.photo)
    assert (crop.placement, crop.crop) == (full.placement, full.crop)


def test_resize_sees_everything(portrait: AnalysedPortrait) -> None:
    source = prepare(portrait, 256, Preparation.RESIZE)
    assert (source.placement.width, source.placement.height) == (512, 512)
    expected = cv2.resize(portrait.image, (256, 256), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(source.photo, expected)


@pytest.mark.parametrize("preparation", Preparation)
def test_the_face_is_aligned_alike(portrait: AnalysedPortrait, preparation: Preparation) -> None:
    source = prepare(portrait, 256, preparation)
    scale, x, y = source.crop
    assert scale == pytest.approx(1.1 if preparation is not Preparation.RESIZE else 3.05, rel=0.05)
    points = in_photo(source, portrait)
    five = [points[[36, 39]].mean(axis=0), points[[42, 45]].mean(axis=0), points[30], points[48], points[54]]
    aligned = (np.array(five) - [x, 255 - y]) * scale + 112
    assert np.abs(aligned - IN_ALIGNED).max() < 12


def test_pixels_know_where_they_were(portrait: AnalysedPortrait) -> None:
    """A picture that holds its own coordinates is cut where `to_portrait` says."""
    down, across = np.mgrid[:512, :512].astype(np.float32)
    image = np.stack([across / 4, down / 4, 0 * down], axis=-1).round().astype(np.uint8)
    source = prepare(portrait_of(image, portrait.landmarks), 256, Preparation.CROP)
    for at in ((20, 30), (200, 128), (128, 240)):
        x, y = source.to_portrait @ [*at, 1]
        assert source.photo[at[1], at[0], :2] == pytest.approx([x / 4, y / 4], abs=1)


@pytest.mark.parametrize("factor", [0.45, 1.7, 6.0])
def test_faces_of_any_size_look_alike(portrait: AnalysedPortrait, factor: float) -> None:
    """Faces from 42 to 560 pixels."""
    usual, other = (prepare(one, 256, Preparation.CROP) for one in (portrait, scaled(portrait, factor)))
    assert other.placement.width == pytest.approx(factor * usual.placement.width, abs=1 + 2 * factor)
    assert other.crop[0] == pytest.approx(usual.crop[0], rel=0.03)
    difference = np.abs(cv2.blur(other.photo, (9, 9)).astype(int) - cv2.blur(usual.photo, (9, 9)))
    assert difference.mean() < 5


def test_fine_patterns_of_large_pictures_average_out(portrait: AnalysedPortrait) -> None:
    large = scaled(portrait, 6.0)
    stripes = np.zeros_like(large.image)
    stripes[:, ::2] = 255
    source = prepare(portrait_of(stripes, large.landmarks), 256, Preparation.CROP)
    assert np.abs(source.photo.astype(int) - 128).max() <= 64
    assert source.photo.std() < 16


@pytest.mark.parametrize(("x", "y"), [(-150, 0), (200, 0), (0, -50), (0, 340), (-150, -50), (200, 310)])
def test_at_the_border_less_is_cut(portrait: AnalysedPortrait, x: float, y: float) -> None:
    """The cut ends with the picture, and the face keeps its place in it."""
    near = shifted(portrait, x, y)
    source = prepare(near, 256, Preparation.CROP)
    place = source.placement
    assert place.x >= 0
    assert place.y >= 0
    assert place.x + place.width <= 512
    assert place.y + place.height <= 512
    eyes_and_mouth = in_photo(source, near)[36:]
    assert (eyes_and_mouth >= 0).all()
    assert (eyes_and_mouth <= 255).all()


@pytest.mark.parametrize("degrees", [-40, 25])
def test_tilted_faces_are_cut_upright_pictures(portrait: AnalysedPortrait, degrees: float) -> None:
    turn = np.asarray(cv2.getRotationMatrix2D(FACE, degrees, 1.0), np.float64)
    tilted = moved(portrait, turn, 512, 512)
    source = prepare(tilted, 256, Preparation.CROP)
    assert (in_photo(source, tilted) > 0).all()
    assert (in_photo(source, tilted) < 255).all()


def test_turned_faces_keep_their_centre(portrait: AnalysedPortrait) -> None:
    """Half a profile, as a face that is narrower: the cut follows the longer of its measures."""
    narrow = np.array([[0.7, 0, 0.3 * FACE[0]], [0, 1.0, 0]])
    turned = moved(portrait, narrow, 512, 512)
    source = prepare(turned, 256, Preparation.CROP)
    usual = prepare(portrait, 256, Preparation.CROP)
    assert 0.75 <= source.placement.height / usual.placement.height <= 1
    assert source.placement.x + source.placement.width / 2 == pytest.approx(FACE[0], abs=12)
    assert (np.abs(in_photo(source, turned)[36:] - 127.5) < 100).all()


@pytest.mark.parametrize(("x", "y"), [(-210, 0), (290, 0), (0, -115), (0, 372)])
def test_a_face_beyond_the_border_is_refused(portrait: AnalysedPortrait, x: float, y: float) -> None:
    with pytest.raises(InvalidArgument, match=re.escape("whole face")) as caught:
        prepare(shifted(portrait, x, y), 256, Preparation.CROP)
    assert caught.value.reason is Reason.FACE_NOT_FOUND
    assert caught.value.field == "portrait"


def test_a_sliver_of_a_face_is_refused(portrait: AnalysedPortrait) -> None:
    with pytest.raises(InvalidArgument, match="closer or larger") as caught:
        prepare(scaled(portrait, 0.15), 256, Preparation.CROP)
    assert caught.value.reason is Reason.FACE_TOO_SMALL


def test_a_panorama_is_not_squeezed_into_a_square(portrait: AnalysedPortrait) -> None:
    wide = moved(portrait, np.array([[1.0, 0, 400], [0, 1.0, 0]]), 1200, 512)
    with pytest.raises(InvalidArgument, match="1200x512"):
        prepare(wide, 256, Preparation.RESIZE)
    assert prepare(wide, 256, Preparation.CROP).placement.width < 250
