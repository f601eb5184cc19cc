"""Scripts, recordings and voices to and from likeness.tts.v1."""

from likeness.tts.v1 import voice_pb2
from likeness_common.stages.speech import Recording, Script, VoiceInfo

_DEFAULTS = Script(text="")


def script_from(message: voice_pb2.Script) -> Script:
    """Read a script and fill its defaults in. Ranges are checked by likeness_common.validation."""
    pause = message.sentence_pause_ms if message.HasField("sentence_pause_ms") else _DEFAULTS.sentence_pause_ms
    return Script(
        text=message.text,
        language=message.language or _DEFAULTS.language,
        voice=message.voice or _DEFAULTS.voice,
        rate=message.rate or _DEFAULTS.rate,
        pitch_semitones=message.pitch_semitones,
        sentence_pause_ms=pause,
    )


def script_to(script: Script) -> voice_pb2.Script:
    """Write a script."""
    return voice_pb2.Script(
        text=script.text,
        language=script.language,
        voice=script.voice,
        rate=script.rate,
        pitch_semitones=script.pitch_semitones,
        sentence_pause_ms=script.sentence_pause_ms,
    )


def recording_from(message: voice_pb2.Recording) -> Recording:
    """Read a recording."""
    return Recording(message.file)


def recording_to(recording: Recording) -> voice_pb2.Recording:
    """Write a recording."""
    return voice_pb2.Recording(file=recording.file)


def voice_from(message: voice_pb2.Voice) -> VoiceInfo:
    """Read a voice."""
    return VoiceInfo(
        name=message.name,
        description=message.description,
        languages=tuple(message.languages),
        streaming=message.streaming,
        marks=message.marks,
        cloning=message.cloning,
        native_sample_rate_hz=message.native_sample_rate_hz,
        licence=message.licence,
        cost_micros_per_1000_characters=message.cost_micros_per_1000_characters,
    )


def voice_to(voice: VoiceInfo) -> voice_pb2.Voice:
    """Write a voice."""
    return voice_pb2.Voice(
        name=voice.name,
        description=voice.description,
        languages=voice.languages,
        streaming=voice.streaming,
        marks=voice.marks,
        cloning=voice.cloning,
        native_sample_rate_hz=voice.native_sample_rate_hz,
        licence=voice.licence,
        cost_micros_per_1000_characters=voice.cost_micros_per_1000_characters,
    )
