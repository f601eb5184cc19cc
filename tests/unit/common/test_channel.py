"""A channel can bound what the other side sends before it is read."""

import asyncio

import grpc
import pytest

from likeness.media.v1 import audio_pb2
from likeness.tts.v1 import speech_service_pb2 as pb
from likeness.tts.v1 import speech_service_pb2_grpc
from likeness_common.clients import open_channel

pytestmark = pytest.mark.unit

MESSAGE_BYTES = 4096


class _Eager(speech_service_pb2_grpc.SpeechServiceServicer):
    """Sends as fast as it is let."""

    sent = 0

    async def Synthesize(self, request, context):
        while True:
            yield pb.SynthesizeResponse(audio=audio_pb2.AudioChunk(pcm=bytes(MESSAGE_BYTES)))
            self.sent += 1


async def _sent_to_a_reader_that_pauses(read_ahead_bytes: int | None) -> int:
    eager = _Eager()  # type: ignore[abstract]  # the other method is not called
    server = grpc.aio.server()
    speech_service_pb2_grpc.add_SpeechServiceServicer_to_server(eager, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    channel = open_channel(f"127.0.0.1:{port}", read_ahead_bytes)
    try:
        call = speech_service_pb2_grpc.SpeechServiceStub(channel).Synthesize(pb.SynthesizeRequest())
        for _ in range(200):
            await call.read()
        before = -1
        while eager.sent != before:
            before = eager.sent
            await asyncio.sleep(0.3)
        call.cancel()
        return eager.sent - 200
    finally:
        await channel.close()
        await server.stop(0)


async def test_an_eager_sender_is_held_back() -> None:
    ahead = await _sent_to_a_reader_that_pauses(64 * 1024)
    assert 0 < ahead * MESSAGE_BYTES < 256 * 1024
