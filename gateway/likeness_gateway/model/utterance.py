"""What is known of a speech before it is heard."""

from dataclasses import dataclass

from likeness_common.stages.speech import VoiceInfo


@dataclass(frozen=True, slots=True)
class Utterance:
    """A speech to come: its expected length, who reads it (None: it is a recording) and what that costs."""

    duration_us: int
    voice: VoiceInfo | None = None
    cost_micros: int = 0

    @property
    def has_marks(self) -> bool:
        """Whether words and phonemes will come with the audio."""
        return self.voice is not None and self.voice.marks
