"""eSpeak NG: a formant synthesiser for over 130 languages, faster than real time by three orders of magnitude.

eSpeak NG is GPL-3.0-or-later. It is not part of Likeness: it is loaded at run time from the espeakng-loader package.
"""

from likeness_tts.voices.espeak.voice import EspeakVoice

__all__ = ["EspeakVoice"]
