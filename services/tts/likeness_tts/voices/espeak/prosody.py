"""From rate and semitones to the parameters of eSpeak NG."""

from dataclasses import dataclass

from likeness_tts.voices.espeak.library import NATIVE_SAMPLE_RATE_HZ, Prosody

_DEFAULT_WORDS_PER_MINUTE = 175
_WORDS_PER_MINUTE_RANGE = (80, 450)
_NATIVE_SEMITONES = 12.0

# Semitones of fundamental frequency per semitone asked of the library, measured over seven languages (0.74 to 0.87):
# it scales only a part of its pitch contour.
_YIELD_BELOW, _YIELD_ABOVE = 0.75, 0.85


@dataclass(frozen=True, slots=True)
class Delivery:
    """Parameters, and the rate at which to take the samples: other than 22050 Hz it shifts the pitch further."""

    prosody: Prosody
    sample_rate_hz: int


def delivery(rate: float, pitch_semitones: float) -> Delivery:
    """How to speak at `rate` (0.5 to 2) and `pitch_semitones` (-12 to 12) off the voice's own.

    The library alone covers -9 to +10 semitones with its formants in place. The rest comes from playing the samples
    faster or slower, which moves the formants by at most a fifth, and the speed is corrected for it.
    """
    gain = _YIELD_BELOW if pitch_semitones < 0 else _YIELD_ABOVE
    asked = max(-_NATIVE_SEMITONES, min(_NATIVE_SEMITONES, pitch_semitones / gain))
    playback = _ratio(pitch_semitones - asked * gain)
    slowest, fastest = _WORDS_PER_MINUTE_RANGE
    words_per_minute = round(_DEFAULT_WORDS_PER_MINUTE * rate / playback)
    prosody = Prosody(
        words_per_minute=max(slowest, min(fastest, words_per_minute)),
        pitch=round(50 + asked * 50 / 12),
        pitch_range=min(99, round(50 * _ratio(asked))),
    )
    return Delivery(prosody, round(NATIVE_SAMPLE_RATE_HZ * playback))


def _ratio(semitones: float) -> float:
    return float(2.0 ** (semitones / 12))
