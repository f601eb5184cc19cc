"""Errors of the stages, each naming the stage it came from."""

import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Generic, Self, TypeVar

from likeness_common.errors import Cancelled, Internal, LikenessError, Reason, Unavailable
from likeness_common.validation.fields import rename

log = logging.getLogger(__name__)

T = TypeVar("T")

TTS = "tts"
ANIMATOR = "animator"
COMPOSITOR = "compositor"

_FIELDS = {
    "script": "spec.script",
    "recording": "spec.recording",
    "acting": "spec.acting",
    "portrait_id": "spec.portrait_id",
    "framing": "spec.output.framing",
    "video": "spec.output",
    "container": "spec.output.container",
    "crf": "spec.output.crf",
    "segment_ms": "spec.output.segment_ms",
}
"""Where the fields of the stages' requests come from in the caller's request."""


@contextmanager
def failing(stage: str) -> Iterator[None]:
    """Let errors raised inside name `stage` as their service and speak of the caller's fields."""
    try:
        yield
    except LikenessError as error:
        error.metadata.setdefault("service", stage)
        head, dot, rest = error.field.partition(".")
        if head in _FIELDS:
            rename(error, _FIELDS[head] + dot + rest)
        if isinstance(error, Cancelled):
            # Nobody here cancelled: the service did, because it is going away.
            message = f"the {stage} service gave the render up; try again"
            raise Unavailable(Reason.SERVICE_UNREACHABLE, message, metadata=error.metadata, retry_after_s=1.0) from None
        raise
    except StopAsyncIteration:
        raise
    except Exception as error:
        log.exception("the %s stage failed", stage)
        message = f"the {stage} stage failed; the server's log has the details"
        raise Internal(Reason.INTERNAL, message, metadata={"service": stage}) from error


class StageOutput(Generic[T]):
    """What a stage produces, with its errors named and the time spent waiting for it counted.

    Close it (contextlib.aclosing) to release the stage's generator at once.
    """

    def __init__(self, stage: str, source: AsyncIterator[T]) -> None:
        self._stage = stage
        self._source = source
        self.waited_ns = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        started = time.monotonic_ns()
        try:
            with failing(self._stage):
                return await anext(self._source)
        finally:
            self.waited_ns += time.monotonic_ns() - started

    async def aclose(self) -> None:
        """Stop the stage's generator."""
        close = getattr(self._source, "aclose", None)
        if close is not None:
            await close()
