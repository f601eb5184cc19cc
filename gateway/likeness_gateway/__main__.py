"""The gateway as a process."""

from dataclasses import replace

from prometheus_client import REGISTRY

from likeness_common.clients import RemoteAnimator, RemoteCompositor, RemoteSpeech, open_channel
from likeness_common.server import Service, run
from likeness_common.settings import settings_or_exit
from likeness_gateway.gateway import Gateway
from likeness_gateway.settings import Settings

SPEECH_READ_AHEAD_BYTES = 64 * 1024
"""About a second of speech. A voice that runs minutes ahead takes the processor from the first frames."""


def main() -> None:
    """Serve until told to stop."""
    settings = settings_or_exit(Settings)

    async def build() -> Service:
        tts = open_channel(settings.tts_address, read_ahead_bytes=SPEECH_READ_AHEAD_BYTES)
        animator = open_channel(settings.animator_address)
        compositor = open_channel(settings.compositor_address)
        gateway = await Gateway.create(
            RemoteSpeech(tts), RemoteAnimator(animator), RemoteCompositor(compositor), settings, REGISTRY
        )

        async def close() -> None:
            await gateway.close()
            for channel in (tts, animator, compositor):
                await channel.close()

        return replace(await gateway.service(), close=close)

    run(build, settings)


if __name__ == "__main__":
    main()
