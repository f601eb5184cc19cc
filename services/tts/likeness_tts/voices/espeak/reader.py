"""Reads the pieces of one script, one after another, on the script's sample clock."""

import threading

import numpy as np

from likeness_common.media import Mark, MarkKind
from likeness_common.stages.speech import Script, SpeechEvent
from likeness_tts.audio import Track, resample
from likeness_tts.text import Piece
from likeness_tts.voices.espeak.library import Espeak, Utterance
from likeness_tts.voices.espeak.prosody import delivery
from likeness_tts.voices.espeak.supply import Supply
from likeness_tts.voices.espeak.timeline import marks


class Reader:
    """One script being read. `read` may run in any thread, one call at a time; `stop` and `close` at any time."""

    def __init__(self, script: Script, identifier: str, sample_rate_hz: int, supply: Supply) -> None:
        self._identifier = identifier
        self._supply = supply
        self._pause_samples = script.sentence_pause_ms * sample_rate_hz // 1000
        self._delivery = delivery(script.rate, script.pitch_semitones)
        self._track = Track(sample_rate_hz)
        self._stop = threading.Event()
        self._turn = threading.Lock()
        self._espeak: Espeak | None = None

    def read(self, piece: Piece) -> list[SpeechEvent]:
        """Marks and audio of the next piece; none when it has no sounds, or after `close`."""
        with self._turn:
            if self._stop.is_set():
                return []
            if self._espeak is None:
                self._espeak = self._supply.take()
                self._espeak.choose(self._identifier, self._delivery.prosody)
            utterance = self._espeak.speak(piece.spoken, self._stop, pause=not piece.ends_sentence)
        if self._stop.is_set() or not any(event.name for event in utterance.phonemes):
            return []
        return self._place(piece, utterance)

    def _place(self, piece: Piece, utterance: Utterance) -> list[SpeechEvent]:
        from_hz, to_hz = self._delivery.sample_rate_hz, self._track.sample_rate_hz
        start = self._track.position
        pcm = resample(utterance.pcm, from_hz, to_hz)
        end, last = start + len(pcm), len(utterance.pcm)

        def clock(sample: int) -> int:
            return end if sample >= last else start + (2 * sample * to_hz + from_hz) // (2 * from_hz)

        timeline = marks(piece, utterance, clock)
        if piece.ends_sentence and self._pause_samples:
            pcm = np.concatenate([pcm, np.zeros(self._pause_samples, np.int16)])
            after = end + self._pause_samples
            timeline.append(Mark(MarkKind.PHONEME, end, after, piece.text_end, piece.text_end))
        return list(self._track.add(pcm, timeline))

    def close(self) -> None:
        """Stop the call that runs, within some milliseconds, and free the library."""
        self._stop.set()
        with self._turn:
            if self._espeak:
                self._espeak.close()
                self._espeak = None
