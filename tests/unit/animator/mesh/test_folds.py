"""How much skin above an eye may move, beside lashes, brows and glasses painted onto plain skin."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator import framing
from likeness_animator.engines.mesh import folds, shape
from likeness_animator.engines.mesh.shape import Array, Eye, FaceShape
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import Framing, VideoFormat

pytestmark = pytest.mark.unit

VIDEO = VideoFormat(512, 512)
SKIN, DARK = (200, 160, 140), (40, 30, 25)
Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@pytest.fixture(scope="module")
def face(portrait: AnalysedPortrait) -> FaceShape:
    crop = framing.crop_for(portrait, VIDEO, Framing.AUTO)
    return shape.measure(framing.to_frame(portrait.landmarks[:, :2], crop, VIDEO))


def painted(face: FaceShape, eye: Eye, is_dark: Callable[[Array, Array], Mask]) -> Picture:
    """Skin, dark where a function of s along the eye and the height above its upper lid in mm says so."""
    picture = np.full((VIDEO.height, VIDEO.width, 3), SKIN, np.uint8)
    points = face.frame.to_mm(np.moveaxis(np.indices((VIDEO.height, VIDEO.width))[::-1], 0, -1).astype(float))
    s = eye.slit.along(points[..., 0])
    picture[is_dark(s, eye.slit.at(eye.slit.upper, s) - points[..., 1])] = DARK
    return picture


def reach(face: FaceShape, eye: Eye, is_dark: Callable[[Array, Array], Mask]) -> Array:
    return folds.fold_reach(painted(face, eye, is_dark), face.frame, eye)


def test_skin_gives_way_a_part_of_the_way_to_the_brow(face: FaceShape) -> None:
    for eye in face.eyes:
        plain = reach(face, eye, lambda s, height: height > 99)
        share = plain / (eye.slit.upper - eye.brow_y)
        assert (share <= folds.SHARE_OF_BROW + 0.02).all()
        assert (plain >= folds.SHORTEST_MM).all()


def test_rims_of_glasses_hold_the_skin_below_them(face: FaceShape) -> None:
    for eye in face.eyes:
        assert (reach(face, eye, lambda s, height: (height > 5.0) & (height < 8.0)) < 5.0).all()


def test_lashes_do_not_hold_the_skin(face: FaceShape) -> None:
    for eye in face.eyes:
        plain = reach(face, eye, lambda s, height: height > 99)
        lashes = reach(face, eye, lambda s, height: (height > 0) & (height < 2.5) & (np.abs(s) > 0.5))
        assert np.allclose(lashes, plain)


def test_lashes_over_a_light_edge_do_not_hold_the_skin(face: FaceShape) -> None:
    for eye in face.eyes:
        plain = reach(face, eye, lambda s, height: height > 99)
        assert np.allclose(reach(face, eye, lambda s, height: (height > 2.0) & (height < 3.5)), plain)
