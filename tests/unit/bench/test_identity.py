"""The meter of likeness sees what was done to a picture."""

import cv2
import numpy as np
import pytest

from bench import painted_faces
from bench.meter.faces import FaceMeter
from bench.meter.identity import Identity, Look

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def photo():
    return painted_faces.paint(painted_faces.SHADED, 384)


@pytest.fixture(scope="module")
def meter():
    return FaceMeter()


def look(meter, photo, *pictures) -> Look:
    """The last of `pictures` beside the photo."""
    identity = Identity(photo, meter.find(photo), meter.person)
    for picture in (photo, *pictures):
        identity.add(picture, meter.find(picture))
    return identity.looks[-1]


def test_the_photo_itself_is_perfect(meter, photo):
    found = look(meter, photo)
    assert found.psnr > 45
    assert (found.background_mean, found.background_peak, found.holes) == (0, 0, 0)
    assert (found.beside_mean, found.beside_peak) == (0, 0)
    assert found.edges == pytest.approx(1, abs=0.02)


def test_a_turned_and_moved_head_is_still_itself(meter, photo):
    matrix = cv2.getRotationMatrix2D((192, 160), 4.0, 1.03)
    moved = cv2.warpAffine(photo, matrix, (384, 384), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    found = look(meter, photo, moved)
    assert found.psnr > 36
    assert found.holes == 0
    assert found.background_peak > 2


def test_another_skin_colour_is_no_likeness(meter, photo):
    tinted = np.clip(photo.astype(np.int16) + np.array([25, 0, -25]), 0, 255).astype(np.uint8)
    assert look(meter, photo, tinted).psnr < 25


def test_holes_are_counted(meter, photo):
    holed = photo.copy()
    y, x = meter.find(photo)[205, 1::-1].astype(int)
    holed[y - 3 : y + 3, x - 3 : x + 3] = 0
    assert 20 <= look(meter, photo, holed).holes <= 60


def test_doubled_edges_raise_their_energy(meter, photo):
    ghost = cv2.addWeighted(photo, 0.5, np.roll(photo, 9, axis=1), 0.5, 0)
    assert look(meter, photo, ghost).edges != pytest.approx(1, abs=0.08)


def test_a_background_that_bends_beside_the_head_is_seen(meter, photo):
    """The picture is turned about the face and comes to rest at its border, as where no background is held."""
    rows, columns = np.indices(photo.shape[:2], np.float32)
    turn = np.radians(5) * np.clip(1.6 - np.hypot(columns - 192, rows - 160) / 130, 0, 1)
    x, y = columns - 192, rows - 160
    across, down = np.cos(turn) * x - np.sin(turn) * y + 192, np.sin(turn) * x + np.cos(turn) * y + 160
    bent = cv2.remap(photo, across.astype(np.float32), down.astype(np.float32), cv2.INTER_CUBIC)
    person = meter.person(photo, meter.find(photo))
    cut_out = bent * person[..., None] + photo * (1 - person[..., None])
    whole, held = look(meter, photo, bent), look(meter, photo, np.rint(cut_out).astype(np.uint8))
    assert whole.beside_peak > 4
    assert held.beside_peak < 3


def test_without_a_person_nothing_is_said_of_what_is_beside_them(meter, photo):
    identity = Identity(photo, meter.find(photo), lambda image, points: None)
    identity.add(photo, meter.find(photo))
    assert np.isnan(identity.looks[-1].beside_mean)
