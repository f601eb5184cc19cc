"""Every way of storing the same photo comes out as the same upright sRGB pixels."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from likeness_animator.portrait.decode import BACKGROUND, MAX_WORKING_SIDE, decode

pytestmark = pytest.mark.unit

Encode = Callable[..., bytes]
Photo = NDArray[np.uint8]
ORIENTATION = 0x0112


def difference(left: Photo, right: Photo) -> float:
    assert left.shape == right.shape
    return float(np.abs(left.astype(int) - right.astype(int)).mean())


@pytest.mark.parametrize(("kind", "tolerance"), [("PNG", 0.0), ("JPEG", 3.0), ("WEBP", 3.0), ("MPO", 3.0)])
def test_accepted_formats(astronaut: Photo, encode: Encode, kind: str, tolerance: float) -> None:
    picture = decode(encode(astronaut, kind, quality=95))
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.flags.c_contiguous
    assert difference(picture.pixels, astronaut) <= tolerance
    assert picture.notices == ()


@pytest.mark.parametrize(
    ("mode", "kind", "tolerance"),
    [("L", "PNG", 0.0), ("1", "PNG", 0.0), ("P", "PNG", 0.0), ("CMYK", "JPEG", 4.0), ("L", "JPEG", 2.0)],
)
def test_other_colour_modes(astronaut: Photo, encode: Encode, mode: str, kind: str, tolerance: float) -> None:
    image = Image.fromarray(astronaut).convert(mode)
    assert difference(decode(encode(image, kind, quality=95)).pixels, np.asarray(image.convert("RGB"))) <= tolerance


def test_16_bit_grey_keeps_its_range(astronaut: Photo, encode: Encode) -> None:
    grey = astronaut.mean(axis=2)
    deep = Image.fromarray((grey * 257).astype(np.uint16))
    assert difference(decode(encode(deep)).pixels, np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)) <= 1.0


@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (1, lambda a: a),
        (2, lambda a: a[:, ::-1]),
        (3, lambda a: a[::-1, ::-1]),
        (4, lambda a: a[::-1]),
        (5, lambda a: a.transpose(1, 0, 2)),
        (6, lambda a: np.rot90(a, 1)),
        (7, lambda a: np.rot90(a, 2).transpose(1, 0, 2)),
        (8, lambda a: np.rot90(a, -1)),
    ],
)
def test_exif_orientation_is_undone(
    astronaut: Photo, encode: Encode, orientation: int, stored: Callable[[Photo], Photo]
) -> None:
    upright = astronaut[:400]  # not square, so that a wrong turn shows in the shape too
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = encode(np.ascontiguousarray(stored(upright)), "PNG", exif=exif)
    assert difference(decode(data).pixels, upright) == 0.0


def test_transparency_is_laid_over_grey(astronaut: Photo, encode: Encode) -> None:
    alpha = np.full((512, 512, 1), 255, np.uint8)
    alpha[:100] = 0
    picture = decode(encode(np.concatenate([astronaut, alpha], axis=2)))
    assert (picture.pixels[:100] == BACKGROUND).all()
    assert difference(picture.pixels[100:], astronaut[100:]) == 0.0
    assert "light grey" in picture.notices[0]


def test_transparent_palette_and_grey(astronaut: Photo, encode: Encode) -> None:
    palette = Image.fromarray(astronaut).convert("P")
    hole = palette.getpixel((0, 0))
    pixels = decode(encode(palette, transparency=hole)).pixels
    assert tuple(pixels[0, 0]) == BACKGROUND
    grey = Image.merge("LA", (Image.fromarray(astronaut).convert("L"), Image.new("L", (512, 512), 0)))
    assert (decode(encode(grey)).pixels == BACKGROUND).all()


def test_opaque_alpha_needs_no_notice(astronaut: Photo, encode: Encode) -> None:
    assert decode(encode(Image.fromarray(astronaut).convert("RGBA"))).notices == ()


def test_colour_profiles_are_converted_to_srgb(astronaut: Photo, encode: Encode) -> None:
    """Numbers of a wider profile mean other colours: read with it, the photo is itself again."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    plain = decode(encode(astronaut, icc_profile=srgb.tobytes()))
    assert difference(plain.pixels, astronaut) <= 1.0
    assert plain.notices == ()
    wide = _wide_gamut_profile()
    stored = ImageCms.profileToProfile(Image.fromarray(astronaut), srgb, ImageCms.ImageCmsProfile(BytesIO(wide)))
    assert stored is not None
    assert difference(np.asarray(stored), astronaut) > 4.0
    assert difference(decode(encode(stored, icc_profile=wide)).pixels, astronaut) <= 2.0


def test_grey_with_a_colour_profile(astronaut: Photo, encode: Encode) -> None:
    grey = Image.fromarray(astronaut).convert("L")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = decode(encode(grey, icc_profile=profile))
    assert picture.notices == ()
    assert difference(picture.pixels, np.asarray(grey.convert("RGB"))) <= 1.0


def test_a_broken_profile_is_told_and_left_out(astronaut: Photo, encode: Encode) -> None:
    picture = decode(encode(astronaut, icc_profile=b"no profile at all"))
    assert difference(picture.pixels, astronaut) == 0.0
    assert "colour profile" in picture.notices[0]


def test_large_pictures_are_scaled_to_the_working_size(encode: Encode) -> None:
    pixels = decode(encode(Image.new("RGB", (6000, 3000), (10, 20, 30)), "JPEG")).pixels
    assert pixels.shape == (MAX_WORKING_SIDE // 2, MAX_WORKING_SIDE, 3)


def _wide_gamut_profile() -> bytes:
    """An RGB profile with other primaries: sRGB's, with the red and the blue column exchanged for duller ones."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(profile[128:132], "big")
    places = {}
    for index in range(count):
        entry = bytes(profile[132 + 12 * index : 144 + 12 * index])
        places[entry[:4]] = int.from_bytes(entry[4:8], "big")
    for name, factor in ((b"rXYZ", 1.15), (b"gXYZ", 0.9)):
        start = places[name] + 8
        for offset in range(start, start + 12, 4):
            value = int.from_bytes(profile[offset : offset + 4], "big", signed=True)
            profile[offset : offset + 4] = round(value * factor).to_bytes(4, "big", signed=True)
    return bytes(profile)
