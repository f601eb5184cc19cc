"""eSpeak NG through ctypes."""

import contextlib
import ctypes
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

from likeness_common.errors import Reason, Unavailable
from likeness_tts.voices.espeak.loader import private_copy

NATIVE_SAMPLE_RATE_HZ = 22_050

_SYNCHRONOUS_OUTPUT = 2
_PHONEME_EVENTS, _IPA, _DO_NOT_EXIT = 0x0001, 0x0002, 0x8000
_UTF8, _END_PAUSE = 0x0001, 0x1000  # the flags that would read markup, 0x10, or [[phonemes]], 0x100, stay off
_BUFFER_MS = 2000  # the stop flag is looked at once a buffer, every 2 to 3 ms of computing
_EVENT_LIST_END, _EVENT_WORD, _EVENT_PHONEME = 0, 1, 7
_RATE, _PITCH, _PITCH_RANGE = 1, 3, 4


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("pointer", ctypes.c_void_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True, slots=True)
class LanguageVoice:
    """A voice file of eSpeak NG: its identifier, its English name and its (priority, tag) pairs; low is preferred."""

    identifier: str
    name: str
    tags: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Prosody:
    """Speed in words per minute (80 to 450), pitch 0 to 100 and pitch range 0 to 99; 175, 50, 50 are the defaults."""

    words_per_minute: int = 175
    pitch: int = 50
    pitch_range: int = 50


@dataclass(frozen=True, slots=True)
class WordEvent:
    """A word begins at `sample`; `position` and `length` count characters of the text, roughly."""

    sample: int
    position: int
    length: int


@dataclass(frozen=True, slots=True)
class PhonemeEvent:
    """A phoneme begins to sound at `sample`; `name` is empty for a pause, in parentheses for a change of language."""

    sample: int
    name: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was spoken: mono samples at 22050 Hz, and events in order."""

    pcm: NDArray[np.int16]
    words: tuple[WordEvent, ...]
    phonemes: tuple[PhonemeEvent, ...]


class Espeak:
    """One private eSpeak NG. Calls may come from any thread; they take turns. `close` frees it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        with contextlib.ExitStack() as resources:
            self._library = resources.enter_context(private_copy())
            self._initialize()
            resources.callback(self._library.espeak_Terminate)
            self._library.espeak_ListVoices(None)  # reads all voice files, which finding one by name would do later
            self._resources = resources.pop_all()

    def _initialize(self) -> None:
        library = self._library
        library.espeak_Initialize.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int)
        library.espeak_Synth.argtypes = (
            *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int),
            *(ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p),
        )
        library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        data = espeakng_loader.get_data_path().encode()
        rate = library.espeak_Initialize(_SYNCHRONOUS_OUTPUT, _BUFFER_MS, data, _PHONEME_EVENTS | _IPA | _DO_NOT_EXIT)
        if rate != NATIVE_SAMPLE_RATE_HZ:
            raise _broken(f"eSpeak NG did not start (code {rate})")

    def choose(self, identifier: str, prosody: Prosody) -> None:
        """Take a voice file and a manner. Call once, before `speak`."""
        with self._turn:
            if self._library.espeak_SetVoiceByName(identifier.encode()) != 0:
                raise _broken(f"eSpeak NG has no voice {identifier}")
            self._library.espeak_SetParameter(_RATE, prosody.words_per_minute, 0)
            self._library.espeak_SetParameter(_PITCH, prosody.pitch, 0)
            self._library.espeak_SetParameter(_PITCH_RANGE, prosody.pitch_range, 0)

    def languages(self) -> list[LanguageVoice]:
        """Every voice file."""
        with self._turn:
            listed = self._library.espeak_ListVoices(None)
            found = []
            index = 0
            while listed[index]:
                voice = listed[index].contents
                tags = tuple(_tags(voice.languages))
                found.append(LanguageVoice(voice.identifier.decode(), voice.name.decode().strip(), tags))
                index += 1
            return found

    def speak(self, text: str, stop: threading.Event, *, pause: bool = False) -> Utterance:
        """Read `text`; `pause` adds the silence its last punctuation mark asks for. Ends early once `stop` is set."""
        buffers: list[bytes] = []
        words: list[WordEvent] = []
        phonemes: list[PhonemeEvent] = []

        def receive(pcm: int | None, samples: int, events: "ctypes._Pointer[_Event]") -> int:
            if pcm:
                buffers.append(ctypes.string_at(pcm, samples * 2))
            for event in _until_end(events):
                if event.type == _EVENT_WORD:
                    words.append(WordEvent(event.sample, event.text_position - 1, event.length))
                elif event.type == _EVENT_PHONEME:
                    phonemes.append(PhonemeEvent(event.sample, event.id.string.decode(errors="ignore")))
            return int(stop.is_set())

        callback = _Callback(receive)
        encoded = text.encode()
        with self._turn:
            if not stop.is_set():
                self._library.espeak_SetSynthCallback(callback)
                flags = _UTF8 | (_END_PAUSE if pause else 0)
                self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, flags, None, None)
        return Utterance(np.frombuffer(b"".join(buffers), np.int16), tuple(words), tuple(phonemes))

    def close(self) -> None:
        """Free the library, after the call that runs. Nothing may be asked of it afterwards."""
        with self._turn:
            self._resources.close()


def _until_end(events: "ctypes._Pointer[_Event]") -> Iterator[_Event]:
    index = 0
    while events[index].type != _EVENT_LIST_END:
        yield events[index]
        index += 1


def _tags(address: int) -> Iterator[tuple[int, str]]:
    """Entries of a language list: a priority byte and a zero-terminated tag each, until priority 0."""
    while priority := ctypes.string_at(address, 1)[0]:
        tag = ctypes.string_at(address + 1)
        yield priority, tag.decode()
        address += len(tag) + 2


def _broken(message: str) -> Unavailable:
    return Unavailable(Reason.ENGINE_UNAVAILABLE, f"{message}; reinstall espeakng-loader", metadata={"voice": "espeak"})
