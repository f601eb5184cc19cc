"""What holds for every pose of the mouth."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from likeness_animator.engines.mesh import fields
from likeness_animator.engines.mesh.pose import HeadPose, MouthPose, Pose
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.engines.mesh.warp import sample
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import Framing

from .mouths import VIDEO, opening

pytestmark = pytest.mark.unit

EXAMPLES = settings(max_examples=25, deadline=None, derandomize=True)
share = st.floats(0, 1, allow_subnormal=False)
signed = st.floats(-1, 1, allow_subnormal=False)
mouths = st.builds(
    MouthPose, jaw=share, upper=share, lower=share, width=signed, rounding=share, press=signed, tuck=share, tongue=share
)
heads = st.builds(HeadPose, yaw=st.floats(-4, 4), pitch=st.floats(-3, 3), roll=st.floats(-3, 3))


@pytest.fixture(scope="module")
def puppet(portrait: AnalysedPortrait) -> Puppet:
    return Puppet(portrait, VIDEO, Framing.AUTO)


def border(pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    rows = np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])
    return rows.astype(np.int64)


@EXAMPLES
@given(mouth=mouths, head=heads)
def test_the_border_of_the_mouth_continues_the_face(puppet: Puppet, mouth: MouthPose, head: HeadPose) -> None:
    weights = fields.weights(Pose(mouth=mouth, head=head)).astype(np.float32)
    face = sample(puppet._source[puppet.region.window], puppet._grid.backward(puppet._fields, weights))
    window = puppet._mouth.region.inside(puppet.region).window
    apart = np.abs(border(puppet._mouth.draw(weights, mouth)) - border(face[window]))
    assert apart.mean() < 1.0
    assert np.quantile(apart, 0.99) < 8


@EXAMPLES
@given(mouth=mouths)
def test_the_opening_is_one_hole_between_the_lips(green_mouthed: Puppet, mouth: MouthPose) -> None:
    seen = opening(green_mouthed, mouth).astype(int)
    edges = np.abs(np.diff(seen, axis=0, prepend=0, append=0)).sum(axis=0)
    assert edges.max() <= 2
    rows, columns = np.nonzero(seen)
    face = green_mouthed.shape
    x, y = face.frame.to_mm(np.stack([columns, rows], axis=-1).astype(float)).T
    assert (np.abs(face.mouth.along(x)) < 1.1).all()
    assert ((y > face.nose_base_y) & (y < face.chin[1] + 12)).all()


@EXAMPLES
@given(mouth=mouths, less=share, more=share)
def test_a_lower_lip_that_drops_opens_the_mouth(
    green_mouthed: Puppet, mouth: MouthPose, less: float, more: float
) -> None:
    less, more = sorted((less, more))
    areas = [opening(green_mouthed, replace(mouth, lower=lower)).sum() for lower in (less, more)]
    # A spread mouth grows narrower as it opens: some pixels at its corners close.
    assert areas[1] >= 0.97 * areas[0] - 4


@EXAMPLES
@given(mouth=mouths, head=heads)
def test_nothing_is_left_undrawn(puppet: Puppet, mouth: MouthPose, head: HeadPose) -> None:
    weights = fields.weights(Pose(mouth=mouth, head=head)).astype(np.float32)
    assert puppet._mouth.draw(weights, mouth).max(axis=-1).min() > 12


@pytest.mark.parametrize("press", [0.0, 1.0])
def test_closed_lips_let_nothing_through(green_mouthed: Puppet, press: float) -> None:
    assert not opening(green_mouthed, MouthPose(press=press)).any()
