"""A recording in place of a script, through four processes: what is heard is what was recorded."""

import asyncio
from pathlib import Path

import av
import grpc
import numpy as np
import pytest
from numpy.typing import NDArray

from likeness.gateway.v1 import render_pb2, render_service_pb2, render_service_pb2_grpc
from likeness.media.v1 import acting_pb2
from likeness.tts.v1 import voice_pb2
from likeness_common.media import AudioChunk
from likeness_common.stages.speech import Script
from likeness_tts.local import LocalSpeech
from tests.e2e.probing import decode_errors, probe
from tests.e2e.stack import Stack
from tests.e2e.watching import watch
from tests.unit.tts.recordings import wav
from tests.watched import Watched, error_info

pytestmark = pytest.mark.e2e

RATE = 24_000
FRAME_S = 1 / 25


@pytest.fixture(scope="module")
def voice() -> NDArray[np.int16]:
    """Somebody speaking."""

    async def speak() -> bytes:
        events = LocalSpeech().synthesize(Script("Maybe we should put both lips together, Bob. Or not?"), RATE)
        return b"".join([event.pcm async for event in events if isinstance(event, AudioChunk)])

    return np.frombuffer(asyncio.run(speak()), "<i2")


def request(recording: bytes, photo: bytes) -> render_service_pb2.RenderVideoRequest:
    spec = render_pb2.RenderSpec(
        recording=voice_pb2.Recording(file=recording), portrait_image=photo, tier=render_pb2.TIER_DRAFT
    )
    return render_service_pb2.RenderVideoRequest(spec=spec)


@pytest.fixture(scope="module")
def film(stack: Stack, voice: NDArray[np.int16], photo: bytes) -> Watched:
    stereo = np.repeat(voice, 2)
    with stack.renders() as renders:
        return watch(renders.RenderVideo(request(wav(RATE, 2, stereo.tobytes()), photo)))


def test_the_film_is_as_long_as_the_recording(film: Watched, voice: NDArray[np.int16], tmp_path: Path) -> None:
    film.check_segments()
    assert film.accepted is not None
    assert film.receipt is not None
    frames = -(-len(voice) * 25 // RATE)
    assert film.receipt.frame_count == frames
    assert film.accepted.plan.voice == ""
    assert abs(film.accepted.quote.video_duration.ToMilliseconds() - len(voice) * 1000 / RATE) < 100
    path = tmp_path / "film.mp4"
    path.write_bytes(film.video)
    assert decode_errors(path) == ""
    streams = probe(path)
    assert len(streams["video"].pts) == frames
    assert abs(streams["video"].end - len(voice) / RATE) < FRAME_S
    assert abs(streams["audio"].end - streams["video"].end) < FRAME_S


def test_the_film_sounds_like_the_recording(film: Watched, voice: NDArray[np.int16], tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(film.video)
    sound = sound_of(path)
    assert abs(len(sound) - len(voice)) / RATE < FRAME_S + 0.01
    count = min(len(sound), len(voice))
    recorded = voice[:count] / 32_768
    lags = range(-RATE // 25, RATE // 25 + 1)
    spectrum = np.fft.rfft(sound[:count], 2 * count) * np.conj(np.fft.rfft(recorded, 2 * count))
    likeness = np.fft.irfft(spectrum) / (np.linalg.norm(sound[:count]) * np.linalg.norm(recorded))
    best = max(lags, key=lambda lag: likeness[lag])
    assert likeness[best] > 0.97
    assert abs(best) <= RATE // 1000  # within a millisecond
    assert abs(np.std(sound[:count]) / np.std(recorded) - 1) < 0.05


def sound_of(path: Path) -> NDArray[np.float64]:
    """Mono sound of a film, from its picture's beginning on."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "mono", RATE)
        frames = [mixed for frame in container.decode(audio=0) for mixed in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float64)


def test_acting_changes_the_picture_and_not_the_sound(
    renders: render_service_pb2_grpc.RenderServiceStub, film: Watched, voice: NDArray[np.int16], photo: bytes
) -> None:
    asked = request(wav(RATE, 2, np.repeat(voice, 2).tobytes()), photo)
    same = watch(renders.RenderVideo(asked))
    assert same.video == film.video
    asked.spec.acting.CopyFrom(acting_pb2.Acting(expression=acting_pb2.EXPRESSION_EXCITED, intensity=2))
    other = watch(renders.RenderVideo(asked))
    assert other.receipt is not None
    assert film.receipt is not None
    assert other.receipt.frame_count == film.receipt.frame_count
    assert other.video != film.video


def test_a_file_that_is_no_recording_is_refused_with_the_fix(
    renders: render_service_pb2_grpc.RenderServiceStub, photo: bytes
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        watch(renders.RenderVideo(request(photo, photo)))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error_info(caught.value).reason == "RECORDING_UNREADABLE"
    assert "ffmpeg" in (caught.value.details() or "")
