# ruff: noqa: RUF001 - IPA letters look like Latin ones.
"""Shapes of the mouth, measured in drawn frames."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator.engines.mesh import fields
from likeness_animator.engines.mesh.fields.mouth import SMALLEST, add_lip, opening_scale
from likeness_animator.engines.mesh.pose import MouthPose, Pose
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.engines.mesh.shape import CONTOUR_NODES
from likeness_animator.engines.mesh.visemes import CONSONANTS, VOWELS
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import Box, Framing

from .mouths import VIDEO, opening_mm, show, with_green

pytestmark = pytest.mark.unit

CORNERS = np.linspace(0.7, 0.95, 12)


@pytest.fixture(scope="module")
def puppet(portrait: AnalysedPortrait) -> Puppet:
    return Puppet(portrait, VIDEO, Framing.AUTO)


def test_close_rounded_vowels_open_a_small_hole_in_the_middle(green_mouthed: Puppet) -> None:
    hole = opening_mm(green_mouthed, VOWELS["u"].target)
    width, height = np.ptp(hole, axis=0)
    assert abs(hole[:, 0].mean()) < 1.5
    assert width < 0.4 * green_mouthed.shape.mouth.width
    assert height > 0.2 * width


def test_open_mouths_are_arched_above(green_mouthed: Puppet) -> None:
    hole = opening_mm(green_mouthed, VOWELS["ɑ"].target)
    x, y = hole.T
    reach = np.abs(x).max()
    middle, sides = y[np.abs(x) < 0.2 * reach].min(), [y[side * x > 0.8 * reach].min() for side in (-1, 1)]
    assert middle < min(sides) - 1.0


def test_upper_teeth_show_under_the_lip_of_open_vowels(puppet: Puppet, green_mouthed: Puppet) -> None:
    hole = opening_mm(green_mouthed, VOWELS["ɑ"].target)
    top = hole[np.abs(hole[:, 0]) < 2, 1].min()
    places = puppet.shape.mouth.centre + np.stack([np.linspace(-4, 4, 17), np.full(17, top + 1.7)], axis=-1)
    columns, rows = puppet.shape.frame.to_px(places).round().astype(int).T
    frame = show(puppet, VOWELS["ɑ"].target)
    assert np.median(frame[rows, columns].min(axis=-1)) > 120


def test_a_raised_tongue_hides_the_lower_teeth(puppet: Puppet) -> None:
    lisp = CONSONANTS["θ"].target
    with_tongue, without = (show(puppet, replace(lisp, tongue=tongue)).astype(int) for tongue in (1.0, 0.0))
    redder = (with_tongue[..., 0] - with_tongue[..., 1]) - (without[..., 0] - without[..., 1])
    assert (redder > 8).sum() > 40


def test_the_dark_corners_of_a_photographed_smile_are_gone(puppet: Puppet) -> None:
    mouth, frame = puppet.shape.mouth, puppet.shape.frame
    x = mouth.middle_x + np.concatenate([-mouth.left_width * CORNERS, mouth.right_width * CORNERS])
    rise = np.linspace(-4, 6, 21)[:, None]
    places = frame.to_px(np.stack(np.broadcast_arrays(x, mouth.upper[0] + rise), axis=-1)).round().astype(int)

    def darkest(picture: NDArray[np.uint8]) -> float:
        return float(picture[places[..., 1], places[..., 0]].mean(axis=-1).min())

    assert darkest(puppet.photo) < 60
    assert darkest(show(puppet, MouthPose(width=-0.4))) > 90


def test_an_f_shows_nothing_but_upper_teeth_between_the_lips(portrait: AnalysedPortrait, green_mouthed: Puppet) -> None:
    target = CONSONANTS["f"].target
    hole = opening_mm(green_mouthed, target)
    assert np.ptp(hole[:, 1]) < 0.12 * np.ptp(hole[:, 0])
    reach = 0.6 * green_mouthed.shape.mouth.width / 2
    for layer in ("cavity", "lower", "underside", "blade"):
        behind = opening_mm(with_green(Puppet(portrait, VIDEO, Framing.AUTO), layer), target)
        assert not (np.abs(behind[:, 0]) < reach).any()


def test_the_lower_lip_rolls_in_for_an_f(puppet: Puppet) -> None:
    mouth, half = puppet.shape.mouth, CONTOUR_NODES // 2
    lip = float(puppet.shape.lower_lip[half])
    edges = np.array([[mouth.middle_x, mouth.lower[half] + depth * lip] for depth in np.linspace(0, 1, 9)])

    def depths(target: MouthPose) -> NDArray[np.float64]:
        moved = np.tensordot(fields.weights(Pose(mouth=target)), puppet.fields(edges)[1], axes=1)
        return np.asarray((edges + moved)[:, 1])

    rolled, relaxed = depths(CONSONANTS["f"].target), depths(MouthPose())
    assert np.ptp(rolled) < 0.7 * np.ptp(relaxed)
    assert (np.diff(rolled) > 0).all()


def test_a_small_mouth_opens_less(puppet: Puppet) -> None:
    shape = puppet.shape
    narrow = replace(shape.mouth, left_width=0.8 * shape.mouth.left_width, right_width=0.8 * shape.mouth.right_width)
    small = replace(shape, mouth=narrow, chin=shape.chin - [0, 4])
    assert SMALLEST <= opening_scale(small) < 0.9 * opening_scale(shape)
    points = np.array([[shape.mouth.middle_x, shape.mouth.lower[CONTOUR_NODES // 2] + 1]])
    moved = []
    for face in (shape, small):
        out = np.zeros((len(fields.Control), 1, 2))
        add_lip(face, points, out, upper=False)
        moved.append(out[fields.Control.LOWER_WIDE, 0, 1])
    assert moved[1] < 0.9 * moved[0]


def test_open_vowels_of_the_smallest_mouth_reach_far_beyond_its_rest(green_mouthed: Puppet) -> None:
    hole = opening_mm(green_mouthed, VOWELS["ɑ"].target)
    closed = 0.03 * green_mouthed.shape.mouth.width
    assert SMALLEST * np.ptp(hole[:, 1]) > 4 * closed


def test_no_specks_are_left_of_the_dark_corners_of_a_small_dark_photo(portrait: AnalysedPortrait) -> None:
    size = portrait.info.width // 2, portrait.info.height // 2
    dark = (cv2.resize(portrait.image, size, interpolation=cv2.INTER_AREA) * 0.35).astype(np.uint8)
    info = replace(portrait.info, width=size[0], height=size[1], face=Box(87, 30, 50, 60))
    puppet = Puppet(AnalysedPortrait(info, dark, portrait.landmarks * np.float32(0.5)), VIDEO, Framing.AUTO)
    mouth, frame = puppet.shape.mouth, puppet.shape.frame
    shown = show(puppet, MouthPose(width=-0.2))
    specks = cv2.medianBlur(shown, 5).astype(int) - shown
    x = mouth.middle_x + np.concatenate([-mouth.left_width * CORNERS, mouth.right_width * CORNERS])
    rise = np.linspace(-6, -2, 13)[:, None]
    places = frame.to_px(np.stack(np.broadcast_arrays(x, mouth.centre[1] + rise), axis=-1)).round().astype(int)
    assert specks[places[..., 1], places[..., 0]].max() < 7
