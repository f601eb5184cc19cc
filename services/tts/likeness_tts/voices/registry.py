"""The table of voices."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from likeness_tts.voices.voice import Voice

VOICES: Mapping[str, str] = MappingProxyType({"espeak": "likeness_tts.voices.espeak:EspeakVoice"})
"""From name to `module:class`, the default first. A module is imported when its voice is first used."""


def load_voice(name: str) -> Voice:
    """A new voice. KeyError for a name that is not in the table."""
    module, _, attribute = VOICES[name].partition(":")
    voice: Voice = getattr(import_module(module), attribute)()
    return voice
