"""A request for a render, as the manager takes it."""

from dataclasses import dataclass

from opentelemetry.trace import Link

from likeness_gateway.model import RenderSpec


@dataclass(frozen=True, slots=True)
class Order:
    """What to render and for whom.

    `body_sha256` tells repeated requests with one `request_id` apart. `image` is the photo when it came with the
    request. `expires_at` (time.monotonic) is the caller's own deadline; a detached render outlives it.
    """

    spec: RenderSpec
    body_sha256: str
    image: bytes = b""
    request_id: str = ""
    detached: bool = False
    expires_at: float | None = None
    caller: tuple[Link, ...] = ()
