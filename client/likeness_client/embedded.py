"""The composition root for one process: local stages and the real gateway, reached over a private socket."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import grpc
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider

from likeness_client.client import LikenessClient
from likeness_client.folder import held
from likeness_client.paths import Home, home_from
from likeness_client.telemetry import otlp_endpoints
from likeness_common.allocator import keep_large_buffers
from likeness_common.errors import FailedPrecondition, Reason
from likeness_common.grpc_errors import ErrorInterceptor
from likeness_common.server import Service
from likeness_common.settings import read_settings
from likeness_common.telemetry import tracing
from likeness_common.weights import WeightStore

try:
    from likeness_animator.local import LocalAnimator
    from likeness_compositor.local import LocalCompositor
    from likeness_gateway.gateway import Gateway
    from likeness_gateway.settings import Settings
    from likeness_tts.local import LocalSpeech
except ModuleNotFoundError as error:  # the extra that brings them is left out where renders go to a server
    raise FailedPrecondition(
        Reason.ENGINE_UNAVAILABLE,
        f"rendering in this process needs {error.name}; pip install 'likeness-client[embedded]', or name a server with "
        "--gateway",
    ) from error

SERVICE = "embedded"


@asynccontextmanager
async def embedded_client(home: Home | None = None, *, warm: bool = False) -> AsyncIterator[LikenessClient]:
    """A client of a gateway that lives in this process, as long as the context is open.

    It runs the code of the services and keeps renders, portraits and traces in `home.data` (None: as home_from says).
    With `warm`, models are loaded before the first render rather than during it. Raises FolderTaken when another
    process uses the folder, FailedPrecondition (ENGINE_UNAVAILABLE) with `warm` when weights are missing, and
    InvalidSettings when a variable LIKENESS_GATEWAY_* is wrong.
    """
    home = home or home_from(os.environ)
    settings = read_settings(Settings, data_dir=home.data)
    with (
        held(home.data, f"process {os.getpid()}"),
        tempfile.TemporaryDirectory(prefix="likeness-") as private,
        ExitStack() as recording,  # ends after the gateway, whose last renders still end spans
    ):
        keep_large_buffers()
        animator = LocalAnimator(WeightStore(home.weights))
        if warm:
            await animator.warm_up()
        gateway = await Gateway.create(LocalSpeech(), animator, LocalCompositor(), settings)
        try:
            service = await gateway.service()
            recording.enter_context(_spans_recorded(service))
            address = f"unix:{Path(private) / 'gateway'}"
            async with _served(service, address), LikenessClient(address, outlives_us=False) as client:
                yield client
        finally:
            await gateway.close()


@asynccontextmanager
async def _served(service: Service, address: str) -> AsyncIterator[None]:
    """Serve at `address`. Calls still running at the end are ended at once: nobody is left to wait for them."""
    server = grpc.aio.server(interceptors=[ErrorInterceptor()])
    service.register(server)
    server.add_insecure_port(address)
    await server.start()
    try:
        yield
    finally:
        await server.stop(0)


class _WhileOpen(SpanProcessor):
    """Passes spans on until it is closed: a provider never lets go of a processor, but this one then holds nothing."""

    def __init__(self, inner: SpanProcessor) -> None:
        self._inner: SpanProcessor | None = inner

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """See SpanProcessor."""
        if inner := self._inner:
            inner.on_start(span, parent_context)

    def on_end(self, span: ReadableSpan) -> None:
        """See SpanProcessor."""
        if inner := self._inner:
            inner.on_end(span)

    def close(self) -> None:
        """Pass nothing on any more."""
        self._inner = None


@contextmanager
def _spans_recorded(service: Service) -> Iterator[None]:
    """Let the service see every span. A process has one tracer provider, which an application may have set up."""
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = tracing.setup(SERVICE, otlp_endpoints(os.environ))
    processors = [_WhileOpen(processor) for processor in service.span_processors]
    for processor in processors:
        provider.add_span_processor(processor)
    try:
        yield
    finally:
        for processor in processors:
            processor.close()
