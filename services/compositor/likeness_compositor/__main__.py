"""The compositor service as a process."""

import grpc

from likeness.compositor.v1 import compositor_service_pb2, compositor_service_pb2_grpc
from likeness_common.server import Service, run
from likeness_common.settings import settings_or_exit
from likeness_compositor.local import LocalCompositor
from likeness_compositor.servicer import CompositorServicer
from likeness_compositor.settings import Settings


def main() -> None:
    """Serve until told to stop."""
    settings = settings_or_exit(Settings)

    async def build() -> Service:
        servicer = CompositorServicer(LocalCompositor(settings.max_sessions))

        def register(server: grpc.aio.Server) -> None:
            compositor_service_pb2_grpc.add_CompositorServiceServicer_to_server(servicer, server)

        return Service(
            name="compositor",
            proto_services=[compositor_service_pb2.DESCRIPTOR.services_by_name["CompositorService"].full_name],
            register=register,
        )

    run(build, settings)


if __name__ == "__main__":
    main()
