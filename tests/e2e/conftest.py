"""Real servers, a real photo."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import grpc
import pytest
from skimage import data

from likeness.gateway.v1 import render_service_pb2, render_service_pb2_grpc
from likeness.media.v1 import portrait_pb2
from tests.e2e.stack import Stack


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A JPEG of a real person: scikit-image's astronaut."""
    ok, jpeg = cv2.imencode(".jpg", cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 95])
    assert ok
    return bytes(jpeg)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Four services for one module of tests."""
    running = Stack(Path(tmp_path_factory.mktemp("stack")))
    try:
        running.wait_ready()
        yield running
    finally:
        running.stop()


@pytest.fixture
def renders(stack: Stack) -> Iterator[render_service_pb2_grpc.RenderServiceStub]:
    """A synchronous client of the gateway."""
    with stack.renders() as stub:
        yield stub


def upload(stub: render_service_pb2_grpc.RenderServiceStub, image: bytes) -> portrait_pb2.Portrait:
    """Upload an image in chunks."""
    size = 256 * 1024
    requests = [
        render_service_pb2.UploadPortraitRequest(chunk=portrait_pb2.PortraitChunk(data=image[start : start + size]))
        for start in range(0, len(image), size)
    ]
    return stub.UploadPortrait(iter(requests)).portrait


@pytest.fixture
def portrait_id(renders: render_service_pb2_grpc.RenderServiceStub, photo: bytes) -> str:
    """The uploaded photo."""
    return upload(renders, photo).id


__all__ = ["grpc", "upload"]
