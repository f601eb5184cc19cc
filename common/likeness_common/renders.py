"""Words that callers and the gateway share about renders. No protobuf here."""

from dataclasses import dataclass
from enum import Enum


class ConsentKind(Enum):
    """Who lets a portrait speak: the person shown, or someone they authorised."""

    SELF = "self"
    AUTHORISED = "authorised"


@dataclass(frozen=True, slots=True)
class Consent:
    """Permission to let the portrait speak. `reference` says where it is recorded, at most 500 characters."""

    kind: ConsentKind
    reference: str = ""


class OnDisconnect(Enum):
    """What happens to a render whose caller goes away."""

    CANCEL = "cancel"
    CONTINUE = "continue"


class RenderState(Enum):
    """Where a render stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (RenderState.QUEUED, RenderState.RUNNING)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the caller did not ask for: a machine-readable `code` such as PORTRAIT, and a message for people."""

    code: str
    message: str
