"""Errors survive the trip over gRPC with status, reason, field and retry delay."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from likeness.tts.v1 import speech_service_pb2 as pb
from likeness.tts.v1 import speech_service_pb2_grpc
from likeness_common import errors
from likeness_common.clients import RemoteSpeech, open_channel
from likeness_common.errors import LikenessError, Reason
from likeness_common.grpc_errors import ErrorInterceptor, from_rpc_error
from likeness_common.stages.speech import Script

pytestmark = pytest.mark.unit


class _Failing(speech_service_pb2_grpc.SpeechServiceServicer):
    def __init__(self, error: Exception) -> None:
        self.error = error

    async def ListVoices(self, request, context):
        raise self.error

    async def Synthesize(self, request, context):
        yield pb.SynthesizeResponse(header=pb.SynthesisHeader())
        raise self.error

    async def MeasureRecording(self, request, context):
        raise self.error

    async def Play(self, request, context):
        yield pb.PlayResponse(header=pb.PlaybackHeader())
        raise self.error


async def _speech_that_fails(error: Exception):
    server = grpc.aio.server(interceptors=[ErrorInterceptor()])
    speech_service_pb2_grpc.add_SpeechServiceServicer_to_server(_Failing(error), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, open_channel(f"127.0.0.1:{port}")


async def _drain(speech: RemoteSpeech) -> None:
    async for _ in speech.synthesize(Script("hello")):
        pass


ERRORS = [
    errors.InvalidArgument(Reason.SCRIPT_EMPTY, "write something", field="script.text"),
    errors.NotFound(Reason.RENDER_NOT_FOUND, "no such render"),
    errors.ResourceExhausted(Reason.SERVER_BUSY, "come back", retry_after_s=1.5),
    errors.FailedPrecondition(Reason.ENGINE_UNAVAILABLE, "pull it", metadata={"engine": "sadtalker"}),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.reason.value)
@pytest.mark.parametrize("streaming", [False, True])
async def test_an_error_arrives_as_it_was_raised(error: LikenessError, streaming: bool) -> None:
    server, channel = await _speech_that_fails(error)
    try:
        with pytest.raises(type(error)) as caught:
            await (_drain(RemoteSpeech(channel)) if streaming else RemoteSpeech(channel).voices())
    finally:
        await channel.close()
        await server.stop(0)
    got = caught.value
    assert (got.reason, got.message, got.field) == (error.reason, error.message, error.field)
    assert (got.metadata, got.retry_after_s) == (error.metadata, error.retry_after_s)


async def test_an_unexpected_exception_becomes_internal_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    server, channel = await _speech_that_fails(RuntimeError("secret path"))
    try:
        with pytest.raises(errors.Internal) as caught:
            await RemoteSpeech(channel).voices()
    finally:
        await channel.close()
        await server.stop(0)
    assert "secret" not in caught.value.message
    assert "secret path" in caplog.text


async def test_a_service_that_is_not_there_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("likeness_common.clients.channel._CONNECT_TIMEOUT_S", 0.2)
    channel = open_channel("127.0.0.1:1")
    try:
        with pytest.raises(errors.Unavailable) as caught:
            await RemoteSpeech(channel).voices()
    finally:
        await channel.close()
    assert caught.value.reason is Reason.SERVICE_UNREACHABLE
    assert caught.value.metadata == {"service": "tts"}


async def test_handlers_that_are_not_ours_pass_through() -> None:
    class Health(health_pb2_grpc.HealthServicer):
        async def Check(self, request, context):
            await context.abort(grpc.StatusCode.NOT_FOUND, "as it was")

    server = grpc.aio.server(interceptors=[ErrorInterceptor()])
    health_pb2_grpc.add_HealthServicer_to_server(Health(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)  # the stubs lack its methods
        with pytest.raises(grpc.aio.AioRpcError, match="as it was"):
            await stub.Check(health_pb2.HealthCheckRequest())
    await server.stop(0)


async def test_a_service_that_starts_late_is_waited_for(tmp_path: Path) -> None:
    address = f"unix:{tmp_path}/late.sock"
    channel = open_channel(address)
    asking = asyncio.create_task(RemoteSpeech(channel).voices())
    await asyncio.sleep(0.5)
    server = grpc.aio.server(interceptors=[ErrorInterceptor()])
    speech_service_pb2_grpc.add_SpeechServiceServicer_to_server(_Failing(ERRORS[0]), server)
    server.add_insecure_port(address)
    await server.start()
    try:
        with pytest.raises(errors.InvalidArgument):
            await asking
    finally:
        await channel.close()
        await server.stop(0)


@pytest.mark.parametrize("code", [grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNAVAILABLE])
def test_a_failure_without_a_reason_is_a_broken_connection(code: grpc.StatusCode) -> None:
    broken = grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details="Internal error from Core")
    error = from_rpc_error(broken, "compositor")
    assert isinstance(error, errors.Unavailable)
    assert (error.reason, error.metadata) == (Reason.SERVICE_UNREACHABLE, {"service": "compositor"})


@pytest.mark.parametrize(
    ("details", "kind", "reason"),
    [
        ("Concurrent RPC limit exceeded!", errors.ResourceExhausted, Reason.SERVER_BUSY),
        ("SERVER: Received message larger than max (5 vs. 4)", errors.InvalidArgument, Reason.FIELD_OUT_OF_RANGE),
    ],
)
def test_limits_of_grpc_itself_are_explained(details: str, kind: type[LikenessError], reason: Reason) -> None:
    refused = grpc.aio.AioRpcError(
        grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.aio.Metadata(), grpc.aio.Metadata(), details=details
    )
    error = from_rpc_error(refused, "gateway")
    assert isinstance(error, kind)
    assert error.reason is reason
