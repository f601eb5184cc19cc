"""What is known of a request's speech before it is heard."""

from likeness_common.errors import InvalidArgument, Reason
from likeness_common.stages.speech import Recording, Script, Speech
from likeness_gateway.catalogue import Catalogue
from likeness_gateway.model import Utterance
from likeness_gateway.pipeline.failures import TTS, failing
from likeness_gateway.routing import estimate


class Utterances:
    """Estimates how long scripts will be spoken for, and asks the speech service about recordings."""

    def __init__(self, catalogue: Catalogue, speech: Speech, max_video_s: float) -> None:
        self._catalogue = catalogue
        self._speech = speech
        self._max_video_s = max_video_s

    async def of(self, speech: Script | Recording) -> Utterance:
        """What will be heard. Raises InvalidArgument.

        FIELD_OUT_OF_RANGE: the video would be longer than this server makes; VOICE_UNKNOWN, LANGUAGE_UNKNOWN: nobody
        reads the script; RECORDING_*: the recording cannot be played.
        """
        if isinstance(speech, Recording):
            with failing(TTS):
                length_us = await self._speech.measure(speech)
            self._check_length(length_us, "spec.recording.file")
            return Utterance(length_us)
        length_us = estimate.speech_us(speech)
        self._check_length(length_us, "spec.script.text")
        voice = (await self._catalogue.offer()).voice_for(speech)
        return Utterance(length_us, voice, estimate.voice_cost_micros(speech, voice))

    def _check_length(self, length_us: int, field: str) -> None:
        seconds = length_us / 1e6
        if seconds > self._max_video_s:
            message = (
                f"{field} would be spoken for {seconds:.0f} s, the limit is {self._max_video_s:g} s; shorten it or "
                "send it in parts"
            )
            raise InvalidArgument(Reason.FIELD_OUT_OF_RANGE, message, field=field)
