"""What holds for every body of Speech.play and Speech.measure."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from itertools import pairwise
from pathlib import Path

import grpc
import numpy as np
import pytest

from likeness.tts.v1 import speech_service_pb2 as pb
from likeness.tts.v1 import speech_service_pb2_grpc, voice_pb2
from likeness_common.clients.speech import RemoteSpeech
from likeness_common.errors import InvalidArgument, Reason
from likeness_common.grpc_errors import ErrorInterceptor
from likeness_common.media import AudioChunk
from likeness_common.stages.speech import Recording, Speech
from likeness_tts.local import LocalSpeech
from likeness_tts.servicer import SpeechServicer
from tests.fakes.speech import FakeSpeech
from tests.unit.tts.recordings import encoded, tone

pytestmark = pytest.mark.contract

RATE = 24_000
Body = Callable[[Path], AbstractAsyncContextManager[Speech]]


@asynccontextmanager
async def local(folder: Path) -> AsyncIterator[Speech]:
    yield LocalSpeech()


@asynccontextmanager
async def fake(folder: Path) -> AsyncIterator[Speech]:
    yield FakeSpeech()


@asynccontextmanager
async def channel_to(speech: Speech, folder: Path) -> AsyncIterator[grpc.aio.Channel]:
    server = grpc.aio.server(interceptors=[ErrorInterceptor()])
    speech_service_pb2_grpc.add_SpeechServiceServicer_to_server(SpeechServicer(speech), server)
    address = f"unix:{folder}/tts.sock"
    server.add_insecure_port(address)
    await server.start()
    try:
        async with grpc.aio.insecure_channel(address) as channel:
            yield channel
    finally:
        await server.stop(None)


@asynccontextmanager
async def remote(folder: Path) -> AsyncIterator[Speech]:
    async with channel_to(LocalSpeech(), folder) as channel:
        yield RemoteSpeech(channel)


BODIES: dict[str, Body] = {"local": local, "remote": remote, "fake": fake}


@pytest.fixture(params=BODIES)
async def speech(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Speech]:
    async with BODIES[request.param](tmp_path) as speech:
        yield speech


@pytest.fixture
def recording(speech: Speech) -> Recording:
    """A few seconds that the body can play."""
    return Recording(b"hum" * 5 if isinstance(speech, FakeSpeech) else encoded("ogg-opus", tone(48_000, 3.1)))


async def played(speech: Speech, recording: Recording, rate: int = RATE) -> list[AudioChunk]:
    return [chunk async for chunk in speech.play(recording, rate)]


async def test_chunks_follow_each_other_on_the_sample_clock(speech: Speech, recording: Recording) -> None:
    chunks = await played(speech, recording)
    assert [chunk.sequence for chunk in chunks] == list(range(len(chunks)))
    assert chunks[0].start_sample == 0
    assert all(before.end_sample == after.start_sample for before, after in pairwise(chunks))
    assert all(0 < chunk.sample_count <= RATE // 2 for chunk in chunks)


async def test_the_measure_is_the_length(speech: Speech, recording: Recording) -> None:
    samples = (await played(speech, recording))[-1].end_sample
    assert abs(await speech.measure(recording) / 1e6 - samples / RATE) < 0.1


async def test_the_same_recording_gives_the_same_bytes(speech: Speech, recording: Recording) -> None:
    first = await played(speech, recording)
    playing = speech.play(recording, RATE)
    async with aclosing(playing):  # type: ignore[type-var]  # every body is a generator
        assert await anext(aiter(playing)) == first[0]
    assert await played(speech, recording) == first


@pytest.mark.parametrize("body", [local, remote])
async def test_the_real_bodies_play_at_any_rate_and_alike(body: Body, tmp_path: Path) -> None:
    recording = Recording(encoded("flac", tone(44_100, 1.3)))
    async with body(tmp_path) as speech:
        for rate in (8000, 44_100, 48_000):
            chunks = await played(speech, recording, rate)
            assert chunks == await played(LocalSpeech(), recording, rate)
            assert abs(chunks[-1].end_sample - 1.3 * rate) <= 1
            pcm = np.frombuffer(b"".join(chunk.pcm for chunk in chunks), "<i2")
            assert 0.45 < np.abs(pcm).max() / 32_768 < 0.55


@pytest.mark.parametrize("body", [local, remote])
async def test_the_real_bodies_say_what_is_wrong(body: Body, tmp_path: Path) -> None:
    async with body(tmp_path) as speech:
        for attempt in (speech.measure(Recording(b"no sound")), anext(aiter(speech.play(Recording(b"no sound"))))):
            with pytest.raises(InvalidArgument) as caught:
                await attempt
            assert (caught.value.reason, caught.value.field) == (Reason.RECORDING_UNREADABLE, "recording.file")


async def test_on_the_wire_a_header_comes_first_and_a_summary_last(tmp_path: Path) -> None:
    request = pb.PlayRequest(recording=voice_pb2.Recording(file=encoded("wav")))
    async with channel_to(LocalSpeech(), tmp_path) as channel:
        stub: speech_service_pb2_grpc.SpeechServiceAsyncStub = speech_service_pb2_grpc.SpeechServiceStub(channel)
        responses = [response async for response in stub.Play(request)]
    kinds = [response.WhichOneof("payload") for response in responses]
    assert (kinds[0], set(kinds[1:-1]), kinds[-1]) == ("header", {"audio"}, "summary")
    assert (responses[0].header.format.sample_rate_hz, responses[0].header.format.channels) == (RATE, 1)
    assert responses[-1].summary.total_samples == 2 * RATE
