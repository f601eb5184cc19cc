"""Creases of a smile."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from likeness_animator.engines.mesh import creases
from likeness_animator.engines.mesh.puppet import Puppet
from likeness_animator.engines.mesh.shape import FaceShape
from likeness_animator.portrait.analysed import AnalysedPortrait
from likeness_common.media import Framing

from .mouths import VIDEO

pytestmark = pytest.mark.unit

SKIN, DEPTH, HALF_WIDTH_MM = 180.0, 70.0, 1.5


@pytest.fixture(scope="module")
def shape(portrait: AnalysedPortrait) -> FaceShape:
    return Puppet(portrait, VIDEO, Framing.AUTO).shape


def cheek(shape: FaceShape) -> NDArray[np.float64]:
    """A place on the right cheek, level with the lips, in frame pixels."""
    mouth = shape.mouth
    return shape.frame.to_px(np.array([mouth.middle_x + 1.25 * mouth.right_width, mouth.centre[1]]))


def creased(shape: FaceShape) -> NDArray[np.uint8]:
    """Even skin with one upright crease in the right cheek, and grain."""
    across = (np.arange(VIDEO.width) - cheek(shape)[0]) / shape.frame.px_per_mm
    line = SKIN - DEPTH * np.exp(-((across / HALF_WIDTH_MM) ** 2))
    grain = np.random.default_rng(1).normal(0, 3, (VIDEO.height, VIDEO.width))
    return np.dstack([line + grain] * 3).clip(0, 255).astype(np.uint8)


def test_a_crease_beside_the_mouth_gets_shallow(shape: FaceShape) -> None:
    photo = creased(shape)
    column, row = cheek(shape).round().astype(int)
    window = np.s_[row - 4 : row + 5, column - 1 : column + 2]
    before, after = (SKIN - float(picture[window].mean()) for picture in (photo, creases.softened(photo, shape)))
    assert before > 50
    assert after < 0.55 * before


def test_lips_nose_and_all_beyond_the_cheeks_stay(shape: FaceShape) -> None:
    photo = np.random.default_rng(2).integers(60, 200, (VIDEO.height, VIDEO.width, 3)).astype(np.uint8)
    photo = np.asarray(cv2.GaussianBlur(photo, (0, 0), 2), np.uint8)
    changed = np.abs(creases.softened(photo, shape).astype(int) - photo).max(axis=-1) > 2
    rows, columns = np.nonzero(changed)
    x, y = shape.frame.to_mm(np.stack([columns, rows], axis=-1).astype(float)).T
    s = shape.mouth.along(x)
    assert len(x) > 100
    assert (np.abs(s) > 0.4).all()
    assert (np.abs(s) < 1.6).all()
    assert ((y > shape.nose_base_y - 9) & (y < shape.chin[1])).all()
    lips = (np.abs(s) < 1) & (y > shape.mouth.at(shape.mouth.upper, s)) & (y < shape.mouth.at(shape.mouth.lower, s))
    assert not lips.any()


def test_skin_keeps_its_grain(shape: FaceShape) -> None:
    photo = creased(shape)
    column, row = cheek(shape).round().astype(int)
    aside = round(5 * shape.frame.px_per_mm)
    window = np.s_[row - 6 : row + 7, column + aside - 3 : column + aside + 4, 0]
    assert creases.softened(photo, shape)[window].std() > 0.7 * photo[window].std()


def test_a_closed_mouth_keeps_its_creases(shape: FaceShape) -> None:
    closed = replace(shape, mouth=replace(shape.mouth, lower=shape.mouth.upper))
    photo = creased(shape)
    assert (creases.softened(photo, closed) == photo).all()
