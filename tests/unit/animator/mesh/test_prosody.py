from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from likeness_animator.engines.mesh.prosody import UNIT_HZ, pitch_window, pitches
from likeness_animator.engines.mesh.track import SpeechTrack
from likeness_common.media import AudioChunk

from .speech import RATE

pytestmark = pytest.mark.unit

PITCHES_HZ = (80.0, 110.0, 155.0, 220.0, 310.0, 400.0)


def voice(hz: float, samples: int, rate: int = RATE) -> NDArray[np.int16]:
    """Pulses of a glottis through two formants' worth of falling harmonics."""
    time = np.arange(samples) / rate
    count = int(3000 / hz)
    parts = [np.sin(2 * np.pi * hz * k * time + k * k) / k * (1 + (400 < hz * k < 900)) for k in range(1, count + 1)]
    return np.asarray(4000 * np.sum(parts, axis=0) / 2, np.int16)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000])
@pytest.mark.parametrize("hz", PITCHES_HZ)
def test_pitch_of_voices_and_tones(rate: int, hz: float) -> None:
    window = pitch_window(rate)
    tone = (3000 * np.sin(2 * np.pi * hz * np.arange(window.samples) / rate)).astype(np.int16)
    found = pitches(np.stack([tone, voice(hz, window.samples, rate)]), window) * UNIT_HZ
    assert found == pytest.approx([hz, hz], rel=0.01)


def test_noise_and_silence_have_no_pitch() -> None:
    window = pitch_window(RATE)
    noise = np.random.default_rng(1).normal(0, 3000, (40, window.samples)).astype(np.int16)
    assert (pitches(noise, window) > 0).mean() < 0.05
    assert not pitches(noise // 200, window).any()
    assert not pitches(np.zeros((2, window.samples), np.int16), window).any()


def test_a_voice_is_heard_through_noise() -> None:
    window = pitch_window(RATE)
    spoken = voice(140.0, window.samples)
    noise = np.random.default_rng(2).normal(0, spoken.std() * 10 ** (-10 / 20), (20, window.samples))
    found = pitches((spoken + noise).astype(np.int16), window) * UNIT_HZ
    assert (np.abs(found / 140 - 1) < 0.03).mean() >= 0.9


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(1, RATE - 1), max_size=6), known=st.integers(20, 90))
def test_streams_do_not_depend_on_chunks_and_continue_from_snapshots(cuts: list[int], known: int) -> None:
    sound = np.concatenate([voice(120, RATE // 2), voice(190, RATE // 2)])
    whole = SpeechTrack(RATE)
    whole.add_audio(AudioChunk(0, 0, sound.tobytes()))
    pieces = SpeechTrack(RATE)
    edges = [0, *sorted(set(cuts)), RATE]
    for sequence, (start, end) in enumerate(pairwise(edges)):
        pieces.add_audio(AudioChunk(sequence, start, sound[start:end].tobytes()))
    assert pieces.hops(0, RATE) == whole.hops(0, RATE)
    resumed = SpeechTrack(RATE)
    resumed.restore(whole.snapshot(known * RATE // 100))
    start = (known - 11) * RATE // 100
    resumed.add_audio(AudioChunk(0, start, sound[start:].tobytes()))
    assert resumed.hops(0, RATE) == whole.hops(0, RATE)


def test_the_pitch_of_a_stream_is_that_of_its_hops() -> None:
    track = SpeechTrack(RATE)
    track.add_audio(AudioChunk(0, 0, np.concatenate([voice(120, RATE // 2), voice(190, RATE // 2)]).tobytes()))
    pitch = np.array([hop[1] for hop in track.hops(0, RATE)]) * UNIT_HZ
    assert pitch[10:45] == pytest.approx(np.full(35, 120), rel=0.01)
    assert pitch[60:] == pytest.approx(np.full(40, 190), rel=0.01)
    assert len(track.hops(30, RATE // 2)) == 20
