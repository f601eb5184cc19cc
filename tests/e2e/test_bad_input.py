"""Bad input through the gateway: the right code, the right reason, and a message that names the fix."""

import io
import struct
import zlib
from collections.abc import Callable

import cv2
import grpc
import numpy as np
import pytest
from PIL import Image
from skimage import data

from likeness.gateway.v1 import render_pb2, render_service_pb2
from tests.e2e.conftest import upload
from tests.e2e.watching import message, spec, watch
from tests.watched import error_info

pytestmark = pytest.mark.e2e

INVALID = grpc.StatusCode.INVALID_ARGUMENT

Change = Callable[[render_pb2.RenderSpec], None]


def _set(path: str, value: object) -> Change:
    def change(target: render_pb2.RenderSpec) -> None:
        *parents, name = path.split(".")
        message = target
        for parent in parents:
            message = getattr(message, parent)
        setattr(message, name, value)

    return change


BAD_SPECS = {
    "empty script": (_set("script.text", ""), INVALID, "SCRIPT_EMPTY", "script.text"),
    "blank script": (_set("script.text", " \n "), INVALID, "SCRIPT_EMPTY", "script.text"),
    "1 MB script": (_set("script.text", "word " * 200_000), INVALID, "SCRIPT_TOO_LONG", "20000"),
    "control character": (_set("script.text", "a\x07b"), INVALID, "SCRIPT_INVALID_CHARACTER", "U+0007"),
    "only emoji": (_set("script.text", "\U0001f600\U0001f680"), INVALID, "SCRIPT_NOT_SPEAKABLE", "script.text"),
    "unknown voice": (_set("script.voice", "nobody"), INVALID, "VOICE_UNKNOWN", "espeak"),
    "unknown language": (_set("script.language", "xx-yy"), INVALID, "LANGUAGE_UNKNOWN", "xx-yy"),
    "rate": (_set("script.rate", 9.0), INVALID, "FIELD_OUT_OF_RANGE", "0.5"),
    "odd width": (_set("output.width", 333), INVALID, "FIELD_INVALID", "even"),
    "huge frame": (_set("output.width", 100_000), INVALID, "FIELD_OUT_OF_RANGE", "1920"),
    "fps": (_set("output.fps", 500), INVALID, "FIELD_OUT_OF_RANGE", "60"),
    "unknown tier": (_set("tier", 77), INVALID, "FIELD_INVALID", "spec.tier"),
    "unknown portrait": (_set("portrait_id", "0" * 64), grpc.StatusCode.NOT_FOUND, "PORTRAIT_NOT_FOUND", "pload"),
    "malformed portrait id": (_set("portrait_id", "../../etc"), INVALID, "FIELD_INVALID", "portrait_id"),
}


@pytest.mark.parametrize(("change", "code", "reason", "hint"), BAD_SPECS.values(), ids=BAD_SPECS.keys())
def test_a_bad_request_is_refused(renders, portrait_id, change, code, reason, hint) -> None:
    request = render_service_pb2.RenderVideoRequest(spec=spec("Hello.", portrait_id))
    change(request.spec)
    with pytest.raises(grpc.RpcError) as caught:
        watch(renders.RenderVideo(request))
    assert (caught.value.code(), error_info(caught.value).reason) == (code, reason)
    assert hint in message(caught.value)


def test_a_missing_portrait_is_named(renders) -> None:
    request = render_service_pb2.RenderVideoRequest(spec=spec("Hello.", ""))
    request.spec.ClearField("portrait_id")
    with pytest.raises(grpc.RpcError) as caught:
        watch(renders.RenderVideo(request))
    assert (caught.value.code(), error_info(caught.value).reason) == (INVALID, "FIELD_MISSING")
    assert "portrait" in message(caught.value)


def test_emoji_between_words_are_skipped(renders, portrait_id) -> None:
    text = "Hello \U0001f600 there \U0001f44d\U0001f3fd friend."
    film = watch(renders.RenderVideo(render_service_pb2.RenderVideoRequest(spec=spec(text, portrait_id))))
    assert film.receipt is not None
    assert film.receipt.frame_count > 20


def test_a_tier_that_is_not_here_falls_back_with_a_notice_or_fails_as_asked(renders, portrait_id) -> None:
    request = render_service_pb2.RenderVideoRequest(spec=spec("Hello.", portrait_id))
    request.spec.tier = render_pb2.TIER_PREMIUM
    film = watch(renders.RenderVideo(request))
    assert film.accepted is not None
    assert film.accepted.plan.tier == render_pb2.TIER_DRAFT
    assert "TIER_LOWERED" in [notice.code for notice in film.notices]
    request.spec.min_tier = render_pb2.TIER_PREMIUM
    with pytest.raises(grpc.RpcError) as caught:
        watch(renders.RenderVideo(request))
    assert error_info(caught.value).reason in {"TIER_UNAVAILABLE", "ENGINE_UNAVAILABLE"}


ASTRONAUT = data.astronaut()


def _file(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _png_header_only(side: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


def _animated(kind: str) -> bytes:
    frame = Image.fromarray(ASTRONAUT)
    other = Image.fromarray(255 - ASTRONAUT)
    return _file(frame, kind, save_all=True, append_images=[other], duration=100)


def _landscape() -> bytes:
    return _file(Image.fromarray(data.coffee()), "JPEG")


BAD_IMAGES = {
    "not an image": (b"<html>hello</html>" * 50, "IMAGE_UNREADABLE"),
    "truncated JPEG": (_file(Image.fromarray(ASTRONAUT), "JPEG")[:15_000], "IMAGE_TRUNCATED"),
    "20000x20000 PNG": (_png_header_only(20_000), "IMAGE_TOO_LARGE"),
    "1x1": (_file(Image.new("RGB", (1, 1)), "PNG"), "IMAGE_TOO_SMALL"),
    "animated GIF": (_animated("GIF"), "IMAGE_ANIMATED"),
    "animated WebP": (_animated("WEBP"), "IMAGE_ANIMATED"),
    "no face": (_landscape(), "FACE_NOT_FOUND"),
}


@pytest.mark.parametrize(("image", "reason"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())
@pytest.mark.parametrize("inline", [False, True], ids=["uploaded", "inline"])
def test_a_bad_image_is_refused(renders, image: bytes, reason: str, inline: bool) -> None:
    request = render_service_pb2.RenderVideoRequest(spec=spec("Hello.", ""))
    request.spec.portrait_image = image
    with pytest.raises(grpc.RpcError) as caught:
        watch(renders.RenderVideo(request)) if inline else upload(renders, image)
    assert (caught.value.code(), error_info(caught.value).reason) == (INVALID, reason)
    assert len(message(caught.value)) > 30


def _two_faces() -> np.ndarray:
    smaller = cv2.resize(ASTRONAUT[:400, 100:420], None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    canvas = np.full((512, 800, 3), 90, np.uint8)
    canvas[:, :512] = ASTRONAUT
    canvas[100 : 100 + smaller.shape[0], 560 : 560 + smaller.shape[1]] = smaller
    return canvas


def _painting() -> np.ndarray:
    return np.asarray(cv2.stylization(ASTRONAUT[:320, 60:380], sigma_s=40, sigma_r=0.5))


GOOD_IMAGES = {
    "CMYK": _file(Image.fromarray(ASTRONAUT).convert("CMYK"), "JPEG"),
    "16-bit": _file(Image.fromarray(cv2.cvtColor(ASTRONAUT, cv2.COLOR_RGB2GRAY).astype(np.uint16) * 257), "PNG"),
    "grayscale": _file(Image.fromarray(ASTRONAUT).convert("L"), "JPEG"),
    "alpha": _file(Image.fromarray(ASTRONAUT).convert("RGBA"), "PNG"),
    "painting": _file(Image.fromarray(_painting()), "PNG"),
}


@pytest.mark.parametrize("image", GOOD_IMAGES.values(), ids=GOOD_IMAGES.keys())
def test_unusual_images_speak(renders, image: bytes) -> None:
    portrait = upload(renders, image)
    film = watch(renders.RenderVideo(render_service_pb2.RenderVideoRequest(spec=spec("Hello.", portrait.id))))
    assert film.receipt is not None


def test_exif_rotation_is_applied(renders) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90 degrees clockwise to show
    sideways = Image.fromarray(np.rot90(ASTRONAUT[:, 40:440]))
    portrait = upload(renders, _file(sideways, "JPEG", exif=exif))
    assert (portrait.width, portrait.height) == (400, 512)
    assert 60 < portrait.face.width < 160


def test_of_two_faces_the_larger_speaks_and_the_caller_is_told(renders) -> None:
    portrait = upload(renders, _file(Image.fromarray(_two_faces()), "PNG"))
    assert portrait.face.x < 400
    assert any("2 faces" in notice for notice in portrait.notices)
