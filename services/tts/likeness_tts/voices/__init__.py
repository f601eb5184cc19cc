"""Voices. A voice is a module or folder here and a row in registry.py."""

from likeness_tts.voices.registry import VOICES, load_voice
from likeness_tts.voices.voice import Voice

__all__ = ["VOICES", "Voice", "load_voice"]
