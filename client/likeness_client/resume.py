"""Renders that survive dropped connections."""

import asyncio
import uuid
from contextlib import aclosing
from dataclasses import dataclass

from likeness_client.client import GATEWAY, LikenessClient
from likeness_client.model import (
    Accepted,
    EventStream,
    Notice,
    OnDisconnect,
    Progress,
    Receipt,
    RenderEvent,
    RenderSpec,
)
from likeness_common.errors import LikenessError, Reason
from likeness_common.media import Segment

_CANCEL_TIMEOUT_S = 2.0
_DROPPED = {Reason.SERVICE_UNREACHABLE, Reason.RENDER_CANCELLED}


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to reconnect: `attempts` in a row without any advance, with delays that double up to a limit."""

    attempts: int = 6
    first_delay_s: float = 0.25
    max_delay_s: float = 4.0

    def delay_s(self, failures: int) -> float:
        """Seconds to wait after `failures` (at least 1) in a row."""
        return min(self.max_delay_s, self.first_delay_s * 2.0 ** (failures - 1))


DEFAULT_POLICY = RetryPolicy()


def is_dropped(error: LikenessError) -> bool:
    """Whether the connection to the gateway broke, rather than that the gateway answered with an error."""
    return error.reason in _DROPPED and error.metadata.get("service") == GATEWAY


class ResumableRender:
    """One render, watched until its end however often the connection drops. Iterate `events()` once.

    Give `spec` to start a render, or `name` (and the last segment already held) to watch one that exists.
    """

    def __init__(
        self,
        client: LikenessClient,
        spec: RenderSpec | None = None,
        *,
        name: str = "",
        after_sequence: int | None = None,
        policy: RetryPolicy = DEFAULT_POLICY,
    ) -> None:
        self.name = name
        self._client = client
        self._spec = spec
        self._policy = policy
        self._request_id = str(uuid.uuid4())
        self._last_sequence = after_sequence
        self._frames_done = 0
        self._accepted = False
        self._notices: set[Notice] = set()

    async def events(self) -> EventStream:
        """Every event once, as if the connection had never dropped. Raises the render's own errors at once."""
        failures = 0
        while True:
            try:
                async with aclosing(self._connect()) as events:
                    async for event in events:
                        if self._is_advance(event):
                            failures = 0
                        if self._is_new(event):
                            yield event
                        if isinstance(event, Receipt):
                            return
            except LikenessError as error:
                failures += 1
                if not is_dropped(error) or failures > self._policy.attempts:
                    raise
                await asyncio.sleep(self._policy.delay_s(failures))

    async def cancel(self) -> None:
        """Stop the render, as well as that can be done when the server may be gone."""
        try:
            async with asyncio.timeout(_CANCEL_TIMEOUT_S):
                await self._client.cancel(self.name or await self._find_name())
        except (TimeoutError, LikenessError):
            # Whoever cancels is on the way out because of another error, and that one is worth telling.
            return

    def _connect(self) -> EventStream:
        """The next stream. Repeating the first request is safe: its id makes the server replay the same render."""
        if self.name or self._spec is None:
            return self._client.watch(self.name, self._last_sequence)
        on_disconnect = OnDisconnect.CONTINUE if self._client.outlives_us else OnDisconnect.CANCEL
        return self._client.render(self._spec, request_id=self._request_id, on_disconnect=on_disconnect)

    def _is_new(self, event: RenderEvent) -> bool:
        """Remember where the stream stands; False for what an earlier connection has already told."""
        match event:
            case Accepted():
                known, self._accepted, self.name = self._accepted, True, event.render
                return not known
            case Notice():
                known = event in self._notices
                self._notices.add(event)
                return not known
            case Segment():
                self._last_sequence = event.sequence
        return True

    def _is_advance(self, event: RenderEvent) -> bool:
        """Whether the render got further, so that a server that always breaks at one place is given up."""
        if isinstance(event, Progress):
            before, self._frames_done = self._frames_done, max(self._frames_done, event.frames_done)
            return self._frames_done > before
        return isinstance(event, Segment)

    async def _find_name(self) -> str:
        """The render's name when the stream was given up before it said so."""
        async with aclosing(self._connect()) as events:
            async for event in events:
                if isinstance(event, Accepted):
                    return event.render
        return ""
