"""The gateway as a process."""

from dataclasses import replace

from prometheus_client import REGISTRY

from likeness_common.clients import RemoteAnimator, RemoteCompositor, RemoteSpeech, open_channel
from likeness_common.server import Service, run
from likeness_gateway.gateway import Gateway
from likeness_gateway.settings import Settings


def main() -> None:
    """Serve until told to stop."""
    settings = Settings()

    async def build() -> Service:
        addresses = (settings.tts_address, settings.animator_address, settings.compositor_address)
        tts, animator, compositor = channels = [open_channel(address) for address in addresses]
        gateway = await Gateway.create(
            RemoteSpeech(tts), RemoteAnimator(animator), RemoteCompositor(compositor), settings, REGISTRY
        )

        async def close() -> None:
            await gateway.close()
            for channel in channels:
                await channel.close()

        return replace(await gateway.service(), close=close)

    run(build, settings)


if __name__ == "__main__":
    main()
