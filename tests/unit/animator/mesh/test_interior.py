# ruff: noqa: RUF001 - IPA letters look like Latin ones.
"""Teeth and tongue, measured in drawn frames."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator.engines.mesh import teeth
from likeness_animator.engines.mesh.interior import UPPER_EDGE_MM
from likeness_animator.engines.mesh.pose import MouthPose
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.engines.mesh.visemes import CONSONANTS, VOWELS
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import Framing

from .mouths import VIDEO, opening_mm, with_green

pytestmark = pytest.mark.unit

IVORY, GUM, DARK = np.array([220.0, 210, 195]), np.array([170.0, 90, 90]), np.array([60.0, 25, 25])
STEP_MM = 0.1


def seen(portrait: AnalysedPortrait, layer: str, mouth: MouthPose) -> NDArray[np.float64]:
    """Where one layer shows, (n, 2) mm from where the closed lips meet."""
    return opening_mm(with_green(Puppet(portrait, VIDEO, Framing.AUTO), layer), mouth)


def row(which: teeth.Row) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """A drawn row from the edges of the teeth upwards: x in mm, opacity, brightness."""
    x, up = np.meshgrid(np.arange(-25, 25, STEP_MM), np.arange(-1, 7, STEP_MM))
    drawn = teeth.draw(which, x, up, IVORY, GUM, DARK)
    return x[0], drawn[..., 3], drawn[..., :3].mean(axis=-1)


def test_the_tip_of_the_tongue_shows_between_the_teeth(portrait: AnalysedPortrait, green_mouthed: Puppet) -> None:
    lisp = CONSONANTS["θ"].target
    tip, hole = seen(portrait, "blade", lisp), opening_mm(green_mouthed, lisp)
    assert len(tip) > 25
    assert np.ptp(tip[:, 0]) < 0.75 * np.ptp(hole[:, 0])
    teeth_below = seen(portrait, "upper", lisp)
    middle = [np.abs(places[:, 0]) < 3 for places in (tip, teeth_below)]
    assert np.median(tip[middle[0], 1]) > np.median(teeth_below[middle[1], 1]) + 1


def test_an_l_shows_the_underside_of_the_tongue_behind_the_teeth(
    portrait: AnalysedPortrait, green_mouthed: Puppet
) -> None:
    lateral = CONSONANTS["l"].target
    under, hole = seen(portrait, "underside", lateral), opening_mm(green_mouthed, lateral)
    assert len(under) > 25
    assert np.ptp(under[:, 0]) < 0.8 * np.ptp(hole[:, 0])
    assert len(seen(portrait, "blade", lateral)) == 0
    assert len(seen(portrait, "upper", lateral)) > len(under)


def test_no_tongue_stands_behind_the_teeth_of_a_vowel(portrait: AnalysedPortrait) -> None:
    for layer in ("underside", "blade"):
        assert len(seen(portrait, layer, VOWELS["ɑ"].target)) == 0


def test_a_rising_tongue_never_jumps(portrait: AnalysedPortrait) -> None:
    puppet = with_green(Puppet(portrait, VIDEO, Framing.AUTO), "blade")
    lisp = CONSONANTS["θ"].target
    areas = [len(opening_mm(puppet, replace(lisp, tongue=tongue))) for tongue in np.linspace(0.6, 1, 11).tolist()]
    assert areas[0] == 0
    assert areas == sorted(areas)


def test_upper_incisors_differ_in_width_and_length() -> None:
    x, cover, _ = row(teeth.UPPER)
    lowest = (cover > 0.5).argmax(axis=0) * STEP_MM
    for side in (-1, 1):
        centres = [side * place for place in (4.2, 11.7, 18.1)]
        central, lateral, canine = (float(lowest[np.abs(x - centre).argmin()]) for centre in centres)
        assert lateral > central + 0.3
        assert lateral > canine
    assert teeth.UPPER.widths[0] > teeth.UPPER.widths[1]


def test_light_fades_towards_the_corners_and_into_the_gaps() -> None:
    x, _, light = row(teeth.UPPER)
    across = light[int(4 / STEP_MM)]
    middle, gap, corner = (float(across[np.abs(np.abs(x) - place).argmin()]) for place in (4.2, 8.5, 23.0))
    assert gap < 0.85 * middle
    assert corner < 0.6 * middle


def test_lower_teeth_are_smaller_and_darker() -> None:
    brightness = [row(which)[2].max() for which in (teeth.UPPER, teeth.LOWER)]
    assert brightness[1] < 0.85 * brightness[0]
    assert teeth.LOWER.widths[0] < 0.7 * teeth.UPPER.widths[0]


def test_teeth_of_an_open_vowel_end_where_they_are_fixed_to_the_skull(portrait: AnalysedPortrait) -> None:
    upper = seen(portrait, "upper", VOWELS["ɑ"].target)
    puppet = Puppet(portrait, VIDEO, Framing.AUTO)
    centre = puppet.shape.mouth.centre[1]
    edge = np.quantile(upper[np.abs(upper[:, 0]) < 6, 1], 0.98) + centre
    lip_line = edge - UPPER_EDGE_MM
    assert puppet.shape.mouth.upper.min() < lip_line < puppet.shape.mouth.lower.max()
