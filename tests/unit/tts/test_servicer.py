import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from pathlib import Path

import grpc
import pytest

from likeness.tts.v1 import speech_service_pb2 as pb
from likeness.tts.v1 import speech_service_pb2_grpc, voice_pb2
from likeness_common.clients.speech import RemoteSpeech
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.grpc_errors import ErrorInterceptor
from likeness_common.media import AudioChunk, Mark, MarkKind
from likeness_common.stages.speech import Recording, Script, Speech, SpeechEvent, VoiceInfo
from likeness_tts.servicer import SpeechServicer

pytestmark = pytest.mark.unit

TEXT = "Hello there. How are you?"


class EndlessSpeech(Speech):
    """Speaks until it is stopped."""

    def __init__(self) -> None:
        self.stopped = asyncio.Event()

    async def voices(self) -> Sequence[VoiceInfo]:
        return []

    async def synthesize(self, script: Script, sample_rate_hz: int = 24_000) -> AsyncGenerator[SpeechEvent]:
        try:
            for sequence in range(1_000_000):
                yield AudioChunk(sequence, sequence * 480, bytes(960))
                await asyncio.sleep(0)
        finally:
            self.stopped.set()

    async def measure(self, recording: Recording) -> int:
        return 0

    async def play(self, recording: Recording, sample_rate_hz: int = 24_000) -> AsyncGenerator[AudioChunk]:
        async for event in self.synthesize(Script("hum"), sample_rate_hz):
            assert isinstance(event, AudioChunk)
            yield event


class Served:
    """A server with one Speech on a socket of its own."""

    def __init__(self, speech: Speech, folder: Path) -> None:
        self.address = f"unix:{folder}/tts.sock"
        self.server = grpc.aio.server(interceptors=[ErrorInterceptor()])
        speech_service_pb2_grpc.add_SpeechServiceServicer_to_server(SpeechServicer(speech), self.server)
        self.server.add_insecure_port(self.address)

    async def __aenter__(self) -> grpc.aio.Channel:
        await self.server.start()
        self.channel = grpc.aio.insecure_channel(self.address)
        return self.channel

    async def __aexit__(self, *error: object) -> None:
        await self.channel.close()
        await self.server.stop(None)


@pytest.fixture
async def channel(speech: Speech, tmp_path: Path) -> AsyncIterator[grpc.aio.Channel]:
    async with Served(speech, tmp_path) as served:
        yield served


def stub(channel: grpc.aio.Channel) -> "speech_service_pb2_grpc.SpeechServiceAsyncStub":
    return speech_service_pb2_grpc.SpeechServiceStub(channel)


async def messages(channel: grpc.aio.Channel, request: pb.SynthesizeRequest) -> list[pb.SynthesizeResponse]:
    return [response async for response in stub(channel).Synthesize(request)]


async def test_a_header_comes_first_and_a_summary_last(channel: grpc.aio.Channel) -> None:
    request = pb.SynthesizeRequest(script=voice_pb2.Script(text=TEXT))
    responses = await messages(channel, request)
    kinds = [response.WhichOneof("payload") for response in responses]
    assert kinds[0] == "header"
    assert kinds[-1] == "summary"
    assert set(kinds[1:-1]) == {"audio", "mark"}
    header = responses[0].header
    assert (header.format.sample_rate_hz, header.format.channels) == (24_000, 1)
    effective = header.effective
    assert (effective.text, effective.language, effective.voice) == ("", "en-us", "espeak")
    assert (effective.rate, effective.sentence_pause_ms) == (1.0, 250)
    summary = responses[-1].summary
    audio = [response.audio for response in responses if response.HasField("audio")]
    assert summary.total_samples == audio[-1].start_sample + len(audio[-1].pcm) // 2
    assert summary.total_marks == kinds.count("mark")


async def test_the_remote_body_says_what_the_local_one_says(speech: Speech, channel: grpc.aio.Channel) -> None:
    script = Script(TEXT, language="de", rate=1.25, pitch_semitones=2.0, sentence_pause_ms=0)
    local = [event async for event in speech.synthesize(script, 16_000)]
    remote = [event async for event in RemoteSpeech(channel).synthesize(script, 16_000)]
    assert remote == local
    assert any(isinstance(event, Mark) and event.kind is MarkKind.SENTENCE for event in remote)
    assert list(await RemoteSpeech(channel).voices()) == list(await speech.voices())


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (Script(""), Reason.SCRIPT_EMPTY),
        (Script("Hi", voice="siri"), Reason.VOICE_UNKNOWN),
        (Script("Hi", language="klingonese"), Reason.LANGUAGE_UNKNOWN),
        (Script("Hi", rate=9.0), Reason.FIELD_OUT_OF_RANGE),
    ],
)
async def test_refusals_carry_their_reason_and_nothing_is_sent_before(
    channel: grpc.aio.Channel, script: Script, reason: Reason
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await anext(RemoteSpeech(channel).synthesize(script))
    assert caught.value.reason is reason
    assert caught.value.field.startswith("script.")


async def test_a_caller_that_hangs_up_stops_the_work(tmp_path: Path) -> None:
    endless = EndlessSpeech()
    async with Served(endless, tmp_path) as channel:
        call = stub(channel).Synthesize(pb.SynthesizeRequest(script=voice_pb2.Script(text="x")))
        await anext(aiter(call))
        call.cancel()
        await asyncio.wait_for(endless.stopped.wait(), 10)


async def test_a_deadline_stops_the_work(tmp_path: Path) -> None:
    endless = EndlessSpeech()
    async with Served(endless, tmp_path) as channel:
        call = stub(channel).Synthesize(pb.SynthesizeRequest(script=voice_pb2.Script(text="x")), timeout=0.2)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async for _ in call:
                pass
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        await asyncio.wait_for(endless.stopped.wait(), 10)
