"""Speech over gRPC."""

from collections.abc import AsyncIterator, Sequence

import grpc

from likeness.tts.v1 import speech_service_pb2, speech_service_pb2_grpc
from likeness_common.clients.channel import rpc_errors, wait_until_connected
from likeness_common.convert.media import audio_chunk_from, mark_from
from likeness_common.convert.speech import recording_to, script_to, voice_from
from likeness_common.deadline import remaining
from likeness_common.media import RENDER_SAMPLE_RATE_HZ, AudioChunk
from likeness_common.stages.speech import Recording, Script, Speech, SpeechEvent, VoiceInfo
from likeness_common.telemetry.tracing import outgoing_metadata

_SERVICE = "tts"


class RemoteSpeech(Speech):
    """The speech service at the other end of `channel`."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel
        self._stub = speech_service_pb2_grpc.SpeechServiceStub(channel)

    async def voices(self) -> Sequence[VoiceInfo]:
        """See Speech."""
        await wait_until_connected(self._channel, _SERVICE)
        with rpc_errors(_SERVICE):
            response = await self._stub.ListVoices(speech_service_pb2.ListVoicesRequest(), timeout=remaining())
        return [voice_from(voice) for voice in response.voices]

    async def synthesize(
        self, script: Script, sample_rate_hz: int = RENDER_SAMPLE_RATE_HZ
    ) -> AsyncIterator[SpeechEvent]:
        """See Speech."""
        await wait_until_connected(self._channel, _SERVICE)
        request = speech_service_pb2.SynthesizeRequest(script=script_to(script), sample_rate_hz=sample_rate_hz)
        call = self._stub.Synthesize(request, timeout=remaining(), metadata=outgoing_metadata())
        try:
            with rpc_errors(_SERVICE):
                async for response in call:
                    match response.WhichOneof("payload"):
                        case "audio":
                            yield audio_chunk_from(response.audio)
                        case "mark":
                            yield mark_from(response.mark)
        finally:
            call.cancel()

    async def measure(self, recording: Recording) -> int:
        """See Speech."""
        await wait_until_connected(self._channel, _SERVICE)
        request = speech_service_pb2.MeasureRecordingRequest(recording=recording_to(recording))
        with rpc_errors(_SERVICE):
            response = await self._stub.MeasureRecording(request, timeout=remaining(), metadata=outgoing_metadata())
        return response.duration.ToMicroseconds()

    async def play(
        self, recording: Recording, sample_rate_hz: int = RENDER_SAMPLE_RATE_HZ
    ) -> AsyncIterator[AudioChunk]:
        """See Speech."""
        await wait_until_connected(self._channel, _SERVICE)
        request = speech_service_pb2.PlayRequest(recording=recording_to(recording), sample_rate_hz=sample_rate_hz)
        call = self._stub.Play(request, timeout=remaining(), metadata=outgoing_metadata())
        try:
            with rpc_errors(_SERVICE):
                async for response in call:
                    if response.WhichOneof("payload") == "audio":
                        yield audio_chunk_from(response.audio)
        finally:
            call.cancel()
