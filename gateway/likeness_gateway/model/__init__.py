"""What the gateway knows about renders, as plain data."""

from likeness_common.renders import Consent, ConsentKind, Notice, RenderState
from likeness_gateway.model.events import Accepted, Progress, Receipt, RenderEvent, StageUsage
from likeness_gateway.model.plan import Plan, Quote
from likeness_gateway.model.record import Failure, RenderRecord
from likeness_gateway.model.spec import RenderSpec, Tier
from likeness_gateway.model.utterance import Utterance

__all__ = [
    "Accepted",
    "Consent",
    "ConsentKind",
    "Failure",
    "Notice",
    "Plan",
    "Progress",
    "Quote",
    "Receipt",
    "RenderEvent",
    "RenderRecord",
    "RenderSpec",
    "RenderState",
    "StageUsage",
    "Tier",
    "Utterance",
]
