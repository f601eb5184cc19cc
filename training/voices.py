# ruff: noqa: RUF001 - IPA letters look like Latin ones.
"""Voices that say when each sound begins: eSpeak NG in many variants, and flite where it is installed.

Which voices the network learns from and which it must not know is written here, and nowhere else.
"""

import ctypes
import shutil
import subprocess
import tempfile
import threading
import wave
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from likeness_common.media import MarkKind
from likeness_tts.text import pieces
from likeness_tts.voices.espeak.library import NATIVE_SAMPLE_RATE_HZ, Espeak, Prosody
from likeness_tts.voices.espeak.timeline import marks

TRAINING_LANGUAGES = {
    **{"en-us": "gmw/en-US", "en-gb": "gmw/en-GB-x-rp", "de": "gmw/de", "fr": "roa/fr", "es": "roa/es"},
    **{"it": "roa/it", "nl": "gmw/nl", "sv": "gmq/sv", "tr": "trk/tr", "ro": "roa/ro", "fi": "urj/fi"},
}
TEST_LANGUAGES = {"pt": "roa/pt-BR", "pl": "zlw/pl"}
TRAINING_VARIANTS = (
    *("", "", "m1", "m2", "m3", "m4", "m6", "m7", "m8", "f1", "f2", "f3", "f5", "croak", "whisper", "klatt2", "klatt3"),
    *("klatt4", "klatt6", "Andy", "Annie", "adam", "anika", "belinda", "caleb", "david", "Gene", "iven2", "kaukovalta"),
    *("marcelo", "michel", "norbert", "paul", "robert", "sandro", "shelby", "steph2", "travis", "zac", "Jacky", "Lee"),
)
TEST_VARIANTS = ("f4", "m5", "klatt", "linda", "edward", "max", "Alicia", "benjamin", "whisperf")
TRAINING_FLITE = ("awb", "kal16")
TEST_FLITE = ("slt", "rms")

ARPABET = {
    **{"aa": "ɑ", "ae": "æ", "ah": "ʌ", "ao": "ɔ", "aw": "aʊ", "ax": "ə", "axr": "ɚ", "ay": "aɪ", "b": "b", "ch": "tʃ"},
    **{"d": "d", "dh": "ð", "dx": "ɾ", "eh": "ɛ", "el": "l", "em": "m", "en": "n", "er": "ɝ", "ey": "eɪ", "f": "f"},
    **{"g": "ɡ", "hh": "h", "hv": "h", "ih": "ɪ", "iy": "i", "jh": "dʒ", "k": "k", "l": "l", "m": "m", "n": "n"},
    **{"ng": "ŋ", "nx": "n", "ow": "oʊ", "oy": "ɔɪ", "p": "p", "r": "ɹ", "s": "s", "sh": "ʃ", "t": "t", "th": "θ"},
    **{"uh": "ʊ", "uw": "u", "v": "v", "w": "w", "y": "j", "z": "z", "zh": "ʒ", "pau": ""},
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """Speech and its sounds: (start, end, IPA) in samples, an empty IPA for silence."""

    pcm: NDArray[np.int16]
    rate: int
    sounds: tuple[tuple[int, int, str], ...]


def espeak(text: str, identifier: str, prosody: Prosody) -> Spoken:
    """Read by eSpeak NG; `identifier` names the voice file, and a variant after a plus sign."""
    library = Espeak()
    # Breathy variants (caleb) draw their noise from the C library.
    ctypes.CDLL(None).srand(1)
    try:
        library.choose(identifier, prosody)
        pcm: list[NDArray[np.int16]] = []
        sounds: list[tuple[int, int, str]] = []
        position = 0
        for piece in pieces(text):
            utterance = library.speak(piece.spoken, threading.Event(), pause=True)
            start, last = position, len(utterance.pcm)
            found = marks(piece, utterance, lambda sample, start=start, last=last: start + min(sample, last))  # type: ignore[misc] # mypy infers no type for a lambda with defaults
            sounds += [(m.start_sample, m.end_sample, m.value) for m in found if m.kind is MarkKind.PHONEME]
            pcm.append(utterance.pcm)
            position += last
    finally:
        library.close()
    return Spoken(np.concatenate([*pcm, np.zeros(0, np.int16)]), NATIVE_SAMPLE_RATE_HZ, tuple(sounds))


def flite(text: str, voice: str, stretch: float = 1.0) -> Spoken:
    """Read by CMU flite (Debian package `flite`), `stretch` times as slow as usual."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        settings = ["-voice", voice, "--setf", f"duration_stretch={stretch:.2f}", "-psdur"]
        command = [_flite(), *settings, "-t", text, "-o", str(path)]
        said = subprocess.run(command, capture_output=True, check=True)
        with wave.open(str(path)) as file:
            rate, pcm = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), np.int16)
    named = [item.rpartition(":") for item in said.stdout.decode().split()]
    ends = [0, *(min(len(pcm), round(float(end) * rate)) for _, _, end in named)]
    sounds = [(start, end, ARPABET[name]) for (name, _, _), (start, end) in zip(named, pairwise(ends), strict=True)]
    return Spoken(pcm, rate, (*sounds, (ends[-1], len(pcm), "")))


def _flite() -> str:
    path = shutil.which("flite")
    if path is None:
        raise FileNotFoundError("flite is not installed: apt-get install flite")
    return path
