"""OpenTelemetry set-up and W3C context over gRPC metadata."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import grpc
from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

EXPORT_DELAY_MS = 200
"""Spans leave this long after they end, so a trace can be read right after its render."""

MAX_QUEUED_SPANS = 2048

tracer = trace.get_tracer("likeness")


def setup(service: str, otlp_endpoints: Sequence[str], processors: Sequence[SpanProcessor] = ()) -> TracerProvider:
    """Record this process's spans under `service` and send them to every OTLP/gRPC endpoint (host:port).

    Call once per process; `shutdown()` of the result flushes. Extra processors see every span too.
    """
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: f"likeness-{service}"}))
    for endpoint in otlp_endpoints:
        exporter = OTLPSpanExporter(endpoint=f"http://{endpoint}", insecure=True, timeout=2)
        provider.add_span_processor(
            BatchSpanProcessor(exporter, max_queue_size=MAX_QUEUED_SPANS, schedule_delay_millis=EXPORT_DELAY_MS)
        )
    for processor in processors:
        provider.add_span_processor(processor)
    trace.set_tracer_provider(provider)
    return provider


def outgoing_metadata() -> tuple[tuple[str, str], ...]:
    """Trace context of the current span, as metadata of an outgoing call."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return tuple(carrier.items())


@contextmanager
def incoming_span(name: str, context: grpc.aio.ServicerContext) -> Iterator[trace.Span]:  # type: ignore[type-arg]
    """Run a handler inside a span that continues the caller's trace."""
    carrier = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
    with tracer.start_as_current_span(name, propagate.extract(carrier), kind=trace.SpanKind.SERVER) as span:
        yield span
