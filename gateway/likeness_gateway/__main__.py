"""The gateway as a process."""

from prometheus_client import REGISTRY

from likeness_common.clients import RemoteAnimator, RemoteCompositor, RemoteSpeech, open_channel
from likeness_common.server import Service, run
from likeness_gateway.gateway import Gateway
from likeness_gateway.settings import Settings


def main() -> None:
    """Serve until told to stop."""
    settings = Settings()

    async def build() -> Service:
        gateway = await Gateway.create(
            RemoteSpeech(open_channel(settings.tts_address)),
            RemoteAnimator(open_channel(settings.animator_address)),
            RemoteCompositor(open_channel(settings.compositor_address)),
            settings,
            REGISTRY,
        )
        return await gateway.service()

    run(build, settings)


if __name__ == "__main__":
    main()
