"""The four services as processes, a real portrait, and what the processes use."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
from skimage import data

from likeness.gateway.v1 import render_pb2, render_service_pb2, render_service_pb2_grpc
from likeness.media.v1 import portrait_pb2
from likeness.tts.v1 import voice_pb2
from tests.e2e.stack import SERVICES, Stack


@contextmanager
def running() -> Iterator[tuple[Stack, render_service_pb2_grpc.RenderServiceStub, str]]:
    """Start `likeness serve`; yield it, a client, and the id of an uploaded photo."""
    with tempfile.TemporaryDirectory() as root:
        stack = Stack(Path(root))
        try:
            stack.wait_ready()
            with stack.renders() as renders:
                yield stack, renders, _upload_astronaut(renders)
        finally:
            stack.stop()


def _upload_astronaut(renders: render_service_pb2_grpc.RenderServiceStub) -> str:
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR))
    chunk = portrait_pb2.PortraitChunk(data=jpeg.tobytes())
    return renders.UploadPortrait(iter([render_service_pb2.UploadPortraitRequest(chunk=chunk)])).portrait.id


def request(words: int, portrait_id: str) -> render_service_pb2.RenderVideoRequest:
    """Build a render of `words` words in sentences of ten."""
    vocabulary = ["we", "put", "every", "small", "measure", "of", "speech", "into", "one", "clear", "picture"]
    sentences = [" ".join(vocabulary[:10]).capitalize() + "." for _ in range(-(-words // 10))]
    text = " ".join(" ".join(sentences).split()[:words])
    return render_service_pb2.RenderVideoRequest(
        spec=render_pb2.RenderSpec(
            script=voice_pb2.Script(text=text), portrait_id=portrait_id, tier=render_pb2.TIER_DRAFT
        )
    )


def cpu_seconds(stack: Stack) -> dict[str, float]:
    """Processor time that each service has used so far."""
    return {name: sum(stack.service(name).cpu_times()[:2]) for name in SERVICES}


def rss_mb(stack: Stack) -> dict[str, float]:
    """Resident memory of each service in MB."""
    return {name: stack.service(name).memory_info().rss / 1e6 for name in SERVICES}
