import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness_tts.voices.espeak.prosody import delivery

pytestmark = pytest.mark.unit


def test_the_voice_s_own_manner_is_the_library_s() -> None:
    own = delivery(1.0, 0.0)
    assert (own.prosody.words_per_minute, own.prosody.pitch, own.prosody.pitch_range) == (175, 50, 50)
    assert own.sample_rate_hz == 22_050


@given(st.floats(0.5, 2.0), st.floats(-12.0, 12.0))
def test_parameters_stay_in_the_library_s_ranges(rate: float, pitch: float) -> None:
    manner = delivery(rate, pitch)
    assert 80 <= manner.prosody.words_per_minute <= 450
    assert 0 <= manner.prosody.pitch <= 100
    assert 0 <= manner.prosody.pitch_range <= 99
    assert 22_050 * 0.8 < manner.sample_rate_hz < 22_050 * 1.2


@given(st.floats(-9.0, 10.0))
def test_formants_stay_in_place_while_the_library_can_shift_alone(pitch: float) -> None:
    assert delivery(1.0, pitch).sample_rate_hz == 22_050


def test_higher_is_higher_and_faster_is_faster() -> None:
    pitches = [delivery(1.0, semitones) for semitones in range(-12, 13)]
    heights = [(manner.sample_rate_hz, manner.prosody.pitch) for manner in pitches]
    assert heights == sorted(heights)
    assert len(set(heights)) == len(heights)
    speeds = [delivery(rate / 10, 0.0).prosody.words_per_minute for rate in range(5, 21)]
    assert speeds == sorted(set(speeds))
