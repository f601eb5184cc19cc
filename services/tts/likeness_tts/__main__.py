"""The speech service as a process."""

import grpc

from likeness.tts.v1 import speech_service_pb2, speech_service_pb2_grpc
from likeness_common.server import Service, run
from likeness_common.settings import settings_or_exit
from likeness_tts.local import LocalSpeech
from likeness_tts.servicer import SpeechServicer
from likeness_tts.settings import Settings
from likeness_tts.voices import VOICES


def main() -> None:
    """Serve until told to stop."""
    settings = settings_or_exit(Settings)

    async def build() -> Service:
        speech = LocalSpeech(settings.max_scripts)
        working = {voice.name for voice in await speech.voices()}  # and warm: the first script is not the slow one
        servicer = SpeechServicer(speech)

        def register(server: grpc.aio.Server) -> None:
            speech_service_pb2_grpc.add_SpeechServiceServicer_to_server(servicer, server)

        return Service(
            name="tts",
            proto_services=[speech_service_pb2.DESCRIPTOR.services_by_name["SpeechService"].full_name],
            register=register,
            engines={f"voice.{name}": name in working for name in VOICES},
        )

    run(build, settings)


if __name__ == "__main__":
    main()
