"""What callers send and receive, as plain data. No protobuf here.

Money is in millionths of a US dollar (`*_micros`), time in seconds (`*_s`) unless the name says otherwise.
"""

from likeness_client.model.catalog import ComparisonPrice, Estimate, TierEstimate, TierInfo
from likeness_client.model.events import Accepted, EventStream, Progress, RenderEvent
from likeness_client.model.render import Plan, Quote, Receipt, Render, StageUsage
from likeness_client.model.spec import Output, RenderSpec, Tier
from likeness_client.model.trace import Span, SpanEvent, Trace
from likeness_common.renders import Consent, ConsentKind, Notice, OnDisconnect, RenderState

__all__ = [
    "Accepted",
    "ComparisonPrice",
    "Consent",
    "ConsentKind",
    "Estimate",
    "EventStream",
    "Notice",
    "OnDisconnect",
    "Output",
    "Plan",
    "Progress",
    "Quote",
    "Receipt",
    "Render",
    "RenderEvent",
    "RenderSpec",
    "RenderState",
    "Span",
    "SpanEvent",
    "StageUsage",
    "Tier",
    "TierEstimate",
    "TierInfo",
    "Trace",
]
