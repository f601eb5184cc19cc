"""Python SDK and command line of Likeness.

    async with LikenessClient("127.0.0.1:50051") as client:
        spec = RenderSpec(Script("Hello."), portrait_image=Path("photo.jpg").read_bytes())
        receipt = await render_to_file(client, spec, Path("hello.mp4"))

Names are imported on first use, so that `likeness --help` does not wait for gRPC.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from likeness_client.client import LikenessClient
    from likeness_client.embedded import embedded_client
    from likeness_client.files import render_to_file
    from likeness_client.model import Output, RenderSpec, Tier
    from likeness_client.resume import ResumableRender
    from likeness_common.media import Acting, Expression
    from likeness_common.stages.speech import Recording, Script

_HOMES = {
    "Acting": "likeness_common.media",
    "Expression": "likeness_common.media",
    "Recording": "likeness_common.stages.speech",
    "LikenessClient": "likeness_client.client",
    "Output": "likeness_client.model",
    "RenderSpec": "likeness_client.model",
    "ResumableRender": "likeness_client.resume",
    "Script": "likeness_common.stages.speech",
    "Tier": "likeness_client.model",
    "embedded_client": "likeness_client.embedded",
    "render_to_file": "likeness_client.files",
}

__all__ = [
    "Acting",
    "Expression",
    "LikenessClient",
    "Output",
    "Recording",
    "RenderSpec",
    "ResumableRender",
    "Script",
    "Tier",
    "embedded_client",
    "render_to_file",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
