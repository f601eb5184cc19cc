"""What callers and the gateway share about renders, to and from likeness.gateway.v1."""

from likeness.gateway.v1 import render_pb2
from likeness_common.convert.enums import inverse, read_member
from likeness_common.errors import Internal, Reason
from likeness_common.renders import Consent, ConsentKind, Notice, OnDisconnect, RenderState

_CONSENT_KINDS = {
    ConsentKind.SELF: render_pb2.CONSENT_KIND_SELF,
    ConsentKind.AUTHORISED: render_pb2.CONSENT_KIND_AUTHORISED,
}
_ON_DISCONNECT = {
    OnDisconnect.CANCEL: render_pb2.ON_DISCONNECT_CANCEL,
    OnDisconnect.CONTINUE: render_pb2.ON_DISCONNECT_CONTINUE,
}
_STATES = {
    RenderState.QUEUED: render_pb2.RENDER_STATE_QUEUED,
    RenderState.RUNNING: render_pb2.RENDER_STATE_RUNNING,
    RenderState.SUCCEEDED: render_pb2.RENDER_STATE_SUCCEEDED,
    RenderState.FAILED: render_pb2.RENDER_STATE_FAILED,
    RenderState.CANCELLED: render_pb2.RENDER_STATE_CANCELLED,
}
_CONSENT_KINDS_READ = inverse(_CONSENT_KINDS)
_ON_DISCONNECT_READ = inverse(_ON_DISCONNECT, unset=OnDisconnect.CANCEL)
_STATES_READ = inverse(_STATES)


def consent_from(message: render_pb2.Consent) -> Consent | None:
    """Read a permission; None when it is not set. Raises InvalidArgument for a kind outside the enum."""
    if message.kind == render_pb2.CONSENT_KIND_UNSPECIFIED:
        return None
    return Consent(read_member(_CONSENT_KINDS_READ, message.kind, "consent.kind"), message.reference)


def consent_to(consent: Consent) -> render_pb2.Consent:
    """Write a permission."""
    return render_pb2.Consent(kind=_CONSENT_KINDS[consent.kind], reference=consent.reference)


def on_disconnect_from(number: int) -> OnDisconnect:
    """Read what happens when the caller goes away. Raises InvalidArgument for a number outside the enum."""
    return read_member(_ON_DISCONNECT_READ, number, "on_disconnect")


def on_disconnect_to(choice: OnDisconnect) -> render_pb2.OnDisconnect.ValueType:
    """Write what happens when the caller goes away."""
    return _ON_DISCONNECT[choice]


def state_from(number: int) -> RenderState:
    """Read a state. Raises Internal for one that this client does not know."""
    if number not in _STATES_READ:
        raise Internal(Reason.INTERNAL, f"the server sent state {number}, which this client is too old to know")
    return _STATES_READ[number]


def state_to(state: RenderState) -> render_pb2.RenderState.ValueType:
    """Write a state."""
    return _STATES[state]


def notice_from(message: render_pb2.Notice) -> Notice:
    """Read a notice."""
    return Notice(message.code, message.message)


def notice_to(notice: Notice) -> render_pb2.Notice:
    """Write a notice."""
    return render_pb2.Notice(code=notice.code, message=notice.message)
