"""The main job on real input: a photo of an astronaut speaks two sentences."""

from importlib import import_module
from io import BytesIO
from pathlib import Path

from likeness_client.files import whole_file
from likeness_client.model import Consent, ConsentKind, Output, RenderSpec
from likeness_common.errors import FailedPrecondition, Reason
from likeness_common.media import Container
from likeness_common.stages.speech import Script

TEXT = (
    "Hello! A moment ago I was a still photograph, and now I am speaking to you. "
    "My voice, my face and this film were made on your own computer."
)
_JPEG_QUALITY = 95


def astronaut() -> bytes:
    """A JPEG of scikit-image's astronaut, 512x512: a real photo of a real face (Eileen Collins; NASA, public domain).

    Raises FailedPrecondition when scikit-image, an optional dependency, is missing.
    """
    try:
        data = import_module("skimage.data")
    except ImportError as error:
        raise FailedPrecondition(
            Reason.FIELD_MISSING,
            f"the photo of the demo comes with scikit-image, which cannot be loaded ({error}); "
            "run: pip install 'likeness-client[demo]'",
        ) from error
    photo = BytesIO()
    import_module("PIL.Image").fromarray(data.astronaut()).save(photo, "JPEG", quality=_JPEG_QUALITY)
    return photo.getvalue()


def write_photo(path: Path) -> bytes:
    """Write the demo's photo to `path` and return its bytes."""
    photo = astronaut()
    with whole_file(path) as file:
        file.write(photo)
    return photo


def demo_spec(photo: bytes) -> RenderSpec:
    """What the demo renders: streamed, so that it shows how soon a film begins."""
    return RenderSpec(
        Script(TEXT),
        portrait_image=photo,
        output=Output(Container.FRAGMENTED_MP4),
        consent=Consent(ConsentKind.AUTHORISED, "NASA photo in the public domain, from scikit-image"),
    )
