"""What a voice is."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator

from likeness_common.stages.speech import Script, SpeechEvent, VoiceInfo


class Voice(ABC):
    """Reads scripts aloud. One object serves any number of scripts at the same time."""

    @abstractmethod
    def info(self) -> VoiceInfo:
        """What the voice can do. Raises Unavailable when it cannot work here, with what to do about it."""

    @abstractmethod
    def synthesize(self, script: Script, sample_rate_hz: int) -> AsyncGenerator[SpeechEvent]:
        """Read a checked script, as Speech.synthesize does. Closing the generator stops the work.

        Raises InvalidArgument before the first event for a language it does not speak (LANGUAGE_UNKNOWN) or a text
        it has no sounds for (SCRIPT_NOT_SPEAKABLE). Computes no more than a bounded stretch ahead of its reader.
        """
