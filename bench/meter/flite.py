# ruff: noqa: RUF001 - IPA letters look like Latin ones.
"""Voices of Flite, where its command is installed: strangers to everything here, with phones that it times itself."""

import shutil
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np

from bench.meter.film import RATE, Speech
from likeness_common.media import Mark, MarkKind
from likeness_tts.audio import Track, resample

VOICES = ("slt", "rms")

IPA = {
    **{"aa": "ɑ", "ae": "æ", "ah": "ʌ", "ao": "ɔ", "aw": "aʊ", "ax": "ə", "axr": "ɚ", "ay": "aɪ", "eh": "ɛ"},
    **{"er": "ɝ", "ey": "eɪ", "ih": "ɪ", "iy": "i", "ow": "oʊ", "oy": "ɔɪ", "uh": "ʊ", "uw": "u"},
    **{"b": "b", "ch": "tʃ", "d": "d", "dh": "ð", "dx": "ɾ", "f": "f", "g": "ɡ", "hh": "h", "hv": "ɦ", "jh": "dʒ"},
    **{"k": "k", "l": "l", "m": "m", "n": "n", "ng": "ŋ", "p": "p", "r": "ɹ", "s": "s", "sh": "ʃ", "t": "t"},
    **{"th": "θ", "v": "v", "w": "w", "y": "j", "z": "z", "zh": "ʒ", "pau": "", "el": "l", "em": "m", "en": "n"},
}
"""The phones of its English voices (CMU ARPAbet)."""


def installed() -> bool:
    """Whether the command is there: `apt-get install flite`."""
    return shutil.which("flite") is not None


def said(text: str, voice: str) -> Speech:
    """`text` by a voice of Flite, with its own phones as marks."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        command = ["flite", "-voice", voice, "-psdur", "-t", text, "-o", str(path)]
        phones = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        with wave.open(str(path)) as file:
            rate = file.getframerate()
            pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)
    return Speech(list(Track(RATE).add(resample(pcm, rate, RATE), list(_marks(phones)))))


def _marks(phones: list[str]) -> list[Mark]:
    """From `name:end in seconds` to marks that follow one another."""
    marks, start = [], 0
    for phone in phones:
        name, _, end_s = phone.rpartition(":")
        end = round(float(end_s) * RATE)
        marks.append(Mark(MarkKind.PHONEME, start, end, 0, 0, IPA[name]))
        start = end
    return marks
