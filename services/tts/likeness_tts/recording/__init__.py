"""Recordings: audio files that are played in place of a script."""

from likeness_tts.recording.playback import measure, play

__all__ = ["measure", "play"]
