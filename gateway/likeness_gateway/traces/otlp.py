"""Spans of the other services, over OTLP."""

from collections.abc import Iterator
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2
from opentelemetry.sdk.resources import SERVICE_NAME

from likeness_gateway.traces.attributes import MAX_TEXT_LENGTH, kept_attributes
from likeness_gateway.traces.store import StoredEvent, StoredSpan, TraceStore

MAX_EVENTS = 100
MAX_TIME_NS = 2**63 - 1
SPAN_ID_BYTES = 8


class TraceCollector(trace_service_pb2_grpc.TraceServiceServicer):
    """OTLP's TraceService: takes the spans that belong to our renders and drops the rest.

    Anyone who reaches the port can send spans, so texts are cut, further events dropped, and malformed spans too.
    """

    def __init__(self, store: TraceStore) -> None:
        self._store = store

    async def Export(  # noqa: N802  # the name that OTLP gives it
        self,
        request: trace_service_pb2.ExportTraceServiceRequest,
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> trace_service_pb2.ExportTraceServiceResponse:
        """See TraceService."""
        del context
        await self._store.add(_spans(request))
        return trace_service_pb2.ExportTraceServiceResponse()


def _spans(request: trace_service_pb2.ExportTraceServiceRequest) -> Iterator[StoredSpan]:
    for resource in request.resource_spans:
        service = _service(resource.resource)
        for scope in resource.scope_spans:
            for span in scope.spans:
                if _well_formed(span):
                    yield _stored(span, service)


def _service(resource: resource_pb2.Resource) -> str:
    names = (attribute.value.string_value for attribute in resource.attributes if attribute.key == SERVICE_NAME)
    return next(names, "")[:MAX_TEXT_LENGTH]


def _well_formed(span: trace_pb2.Span) -> bool:
    """Whether ids have their length and times fit the database; protobuf ensures neither."""
    ids = len(span.span_id) == SPAN_ID_BYTES and len(span.parent_span_id) in (0, SPAN_ID_BYTES)
    return ids and max(span.start_time_unix_nano, span.end_time_unix_nano) <= MAX_TIME_NS


def _stored(span: trace_pb2.Span, service: str) -> StoredSpan:
    return StoredSpan(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_span_id=span.parent_span_id.hex(),
        name=span.name[:MAX_TEXT_LENGTH],
        service=service,
        start_ns=span.start_time_unix_nano,
        end_ns=span.end_time_unix_nano,
        failed=span.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
        attributes=_attributes(span.attributes),
        events=tuple(
            StoredEvent(event.name[:MAX_TEXT_LENGTH], event.time_unix_nano, _attributes(event.attributes))
            for event in span.events[:MAX_EVENTS]
            if event.time_unix_nano <= MAX_TIME_NS
        ),
    )


def _attributes(attributes: Any) -> dict[str, str]:
    return kept_attributes((attribute.key, _value(attribute.value)) for attribute in attributes)


def _value(value: common_pb2.AnyValue) -> object:
    kind = value.WhichOneof("value")
    return getattr(value, kind) if kind else ""
