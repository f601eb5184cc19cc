# ruff: noqa: RUF001 - IPA letters look like Latin ones.
"""Shapes of the mouth, measured in drawn frames."""

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator.engines.mesh.pose import MouthPose
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.engines.mesh.visemes import CONSONANTS, VOWELS
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import Framing

from .mouths import VIDEO, opening_mm, show, with_green_mouth

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def puppet(portrait: AnalysedPortrait) -> Puppet:
    return Puppet(portrait, VIDEO, Framing.AUTO)


@pytest.fixture(scope="module")
def green_mouthed(portrait: AnalysedPortrait) -> Puppet:
    return with_green_mouth(Puppet(portrait, VIDEO, Framing.AUTO))


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
    with_tongue, without = (show(puppet, dataclasses.replace(lisp, tongue=tongue)).astype(int) for tongue in (1.0, 0.0))
    redder = (with_tongue[..., 0] - with_tongue[..., 1]) - (without[..., 0] - without[..., 1])
    assert (redder > 8).sum() > 40


def test_the_dark_corners_of_a_photographed_smile_are_gone(puppet: Puppet) -> None:
    mouth, frame = puppet.shape.mouth, puppet.shape.frame
    s = np.linspace(0.7, 0.95, 12)
    x = mouth.middle_x + np.concatenate([-s * mouth.left_width, s * mouth.right_width])
    rise = np.linspace(-4, 6, 21)[:, None]
    places = frame.to_px(np.stack(np.broadcast_arrays(x, mouth.upper[0] + rise), axis=-1)).round().astype(int)

    def darkest(picture: NDArray[np.uint8]) -> float:
        return float(picture[places[..., 1], places[..., 0]].mean(axis=-1).min())

    assert darkest(puppet.photo) < 60
    assert darkest(show(puppet, MouthPose(width=-0.4))) > 90
