"""What is remembered of a render."""

import dataclasses
from dataclasses import dataclass

from likeness_common.errors import ERROR_KINDS, LikenessError, Reason
from likeness_common.renders import Consent, Notice, RenderState
from likeness_gateway.model.events import Receipt
from likeness_gateway.model.plan import Plan, Quote
from likeness_gateway.model.spec import RenderSpec

_KINDS = {kind.__name__: kind for kind in ERROR_KINDS}


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that can be stored and raised again."""

    kind: str
    reason: Reason
    message: str
    field: str = ""
    metadata: dict[str, str] = dataclasses.field(default_factory=dict)

    @staticmethod
    def of(error: LikenessError) -> "Failure":
        """Keep all of an error but its advice to retry, which grows old."""
        return Failure(type(error).__name__, error.reason, error.message, error.field, error.metadata)

    def error(self) -> LikenessError:
        """The same error again."""
        return _KINDS[self.kind](self.reason, self.message, field=self.field, metadata=dict(self.metadata))


@dataclass(frozen=True, slots=True)
class RenderRecord:
    """One render. Times are microseconds since 1970.

    `detached` renders go on without a caller and survive a restart. `spec` is forgotten when the render has ended;
    what the portrait's permission rested on is kept. `taken_up` counts how often it was begun again after a crash.
    """

    id: str
    spec: RenderSpec | None
    body_sha256: str
    plan: Plan
    quote: Quote
    create_time_us: int
    trace_id: str
    request_id: str = ""
    detached: bool = False
    state: RenderState = RenderState.QUEUED
    end_time_us: int | None = None
    segment_count: int = 0
    byte_count: int = 0
    notices: tuple[Notice, ...] = ()
    receipt: Receipt | None = None
    failure: Failure | None = None
    portrait_id: str = ""
    consent: Consent | None = None
    taken_up: int = 0
