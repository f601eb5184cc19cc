"""From an image file to upright sRGB pixels."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.ExifTags import Base

from likeness_animator.portrait.formats import broken, open_image

MAX_WORKING_SIDE = 4096
BACKGROUND = (224, 224, 224)
"""A light neutral grey behind transparent pictures."""

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation; PIL turns counterclockwise."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Upright sRGB pixels (height, width, 3) uint8, longest side at most 4096, and what was changed on the way."""

    pixels: NDArray[np.uint8]
    notices: tuple[str, ...]


def decode(data: bytes) -> Picture:
    """Decode an image file of at most 20 MiB.

    Raises InvalidArgument with the reasons IMAGE_UNREADABLE, IMAGE_TRUNCATED, IMAGE_TOO_LARGE, IMAGE_TOO_SMALL and
    IMAGE_ANIMATED.
    """
    source = open_image(data)
    try:
        orientation = source.getexif().get(Base.Orientation, 1)
        profile = source.info.get("icc_profile")
        shrink = MAX_WORKING_SIDE / max(source.size)
        # A JPEG then decodes at a half or a quarter where that is enough; other formats do not know drafts.
        source.draft(None, (int(source.width * shrink), int(source.height * shrink)))
        image = _plain_mode(source)
    except Exception as error:  # decoders raise nearly anything on hostile files
        raise broken(data, error) from error
    notices: list[str] = []
    image.thumbnail((MAX_WORKING_SIDE, MAX_WORKING_SIDE), Image.Resampling.LANCZOS)
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    rgb = _flatten(image, _to_srgb(_colour(image), profile, notices), notices)
    return Picture(np.array(rgb), tuple(notices))


def _plain_mode(image: Image.Image) -> Image.Image:
    """Decode, to 8 bits a channel in one of the modes L, LA, RGB, RGBA, CMYK."""
    if image.mode.startswith("I"):  # 16-bit greys; the conversion of PIL would clip them
        grey = np.asarray(image).astype(np.uint32) >> 8
        return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    if "transparency" in image.info or image.mode in ("PA", "La"):
        return image.convert("RGBA")
    if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        image.load()
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _colour(image: Image.Image) -> Image.Image:
    """The picture without its alpha channel."""
    return image.convert(image.mode.removesuffix("A")) if image.mode in ("LA", "RGBA") else image


def _to_srgb(image: Image.Image, profile: bytes | None, notices: list[str]) -> Image.Image:
    """Convert from the embedded colour profile; without one, RGB and grey are taken as sRGB."""
    if not profile:
        return image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        if image.mode == "L" and source.profile.xcolor_space.strip() == "RGB":  # a colour photo saved as grey
            image = image.convert("RGB")
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        notices.append("The colour profile of the photo could not be used, so its colours may be slightly off.")
        return image.convert("RGB")
    return converted or image.convert("RGB")


def _flatten(image: Image.Image, colour: Image.Image, notices: list[str]) -> Image.Image:
    """Lay the colours over the background where `image` is transparent."""
    if image.mode not in ("LA", "RGBA"):
        return colour
    alpha = image.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return colour
    notices.append("Transparent parts of the photo were filled with light grey.")
    return Image.composite(colour, Image.new("RGB", colour.size, BACKGROUND), alpha)
