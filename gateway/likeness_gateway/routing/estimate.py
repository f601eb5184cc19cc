"""What a render is expected to take, before anything has been computed."""

import re

from likeness_common.media import VideoFormat
from likeness_common.stages.animator import EngineInfo
from likeness_common.stages.speech import Script, VoiceInfo
from likeness_gateway.model import Quote, Utterance

US_PER_LETTER = 60_000
"""Of English read by eSpeak at its own rate, spaces included. Measured: within 10 % for prose of two sentences."""

US_PER_DIGIT = 300_000
"""Numbers are read as words."""

US_PER_KANA = 110_000
US_PER_IDEOGRAPH = 240_000
"""A Chinese or Japanese ideograph, or a Korean block, is a syllable or more."""

START_US = 200_000
"""From the request to the first segment, on a warm server."""

ENCODER_RTF = 0.1
"""Compute per second of 512x512 video at 25 fps in the compositor, on one core."""

HOPELESS = 4
"""So many times longer than its limit a render may be expected to take before it is refused."""

_WEIGHTS_US = (
    (re.compile(r"\d"), US_PER_DIGIT),
    (re.compile("[\u3040-\u30ff]"), US_PER_KANA),
    (re.compile("[\u2e80-\u303f\u3100-\u9fff\uac00-\ud7af]"), US_PER_IDEOGRAPH),
)
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)|[\u3002\uff01\uff1f]+|\n\s*\n")
_REFERENCE_FPS = 25
_REFERENCE_PIXELS_PER_S = 512 * 512 * _REFERENCE_FPS


def speech_us(script: Script) -> int:
    """Expected length of the speech in microseconds."""
    spoken_us = len(script.text) * US_PER_LETTER
    for characters, us in _WEIGHTS_US:
        spoken_us += len(characters.findall(script.text)) * (us - US_PER_LETTER)
    sentences = max(1, len(_SENTENCE_END.findall(script.text)))
    return int(spoken_us / script.rate) + sentences * script.sentence_pause_ms * 1000


def frames(duration_us: int, fps: int) -> int:
    """Frames that cover a duration, at least one."""
    return max(1, -(-duration_us * fps // 1_000_000))


def quote(utterance: Utterance, video: VideoFormat, engine: EngineInfo) -> Quote:
    """What a render on a local pool is expected to take. Only voices cost money there."""
    video_us = utterance.duration_us
    pixels = video.width * video.height * video.fps / _REFERENCE_PIXELS_PER_S
    drawn = video.fps / _REFERENCE_FPS if engine.fixed_size else pixels
    render_us = START_US + int(video_us * (drawn * engine.expected_rtf + pixels * ENCODER_RTF))
    return Quote(utterance.cost_micros, video_us, render_us)


def too_late(expected_us: int, limit_us: int) -> bool:
    """Whether a render is not worth beginning: machines differ, but hardly by as much as HOPELESS."""
    return expected_us > HOPELESS * limit_us


def voice_cost_micros(script: Script, voice: VoiceInfo) -> int:
    """Cost of reading a script aloud, in millionths of a US dollar, rounded up."""
    return -(-len(script.text) * voice.cost_micros_per_1000_characters // 1000)
