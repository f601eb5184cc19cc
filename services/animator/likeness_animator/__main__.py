"""The animator service as a process."""

import logging

import cv2
import grpc

from likeness.animator.v1 import animator_service_pb2, animator_service_pb2_grpc
from likeness_animator.local import LocalAnimator
from likeness_animator.servicer import AnimatorServicer
from likeness_animator.settings import Settings
from likeness_common.errors import FailedPrecondition
from likeness_common.server import Service, run
from likeness_common.settings import settings_or_exit
from likeness_common.weights import WeightStore

log = logging.getLogger(__name__)


def main() -> None:
    """Serve until told to stop."""
    settings = settings_or_exit(Settings)
    cv2.setNumThreads(1)  # renders share the cores as threads of their own; more inside each only wait for one another

    async def build() -> Service:
        animator = LocalAnimator(
            WeightStore(settings.weights_root),
            max_sessions=settings.max_sessions,
            portrait_cache_bytes=settings.portrait_cache_bytes,
            engine_settings={"sadtalker": settings.sadtalker},
        )
        try:
            await animator.warm_up()
        except FailedPrecondition as error:  # the service still says, when asked, what it needs
            log.warning("%s", error.message)
        servicer = AnimatorServicer(animator)

        def register(server: grpc.aio.Server) -> None:
            animator_service_pb2_grpc.add_AnimatorServiceServicer_to_server(servicer, server)

        return Service(
            name="animator",
            proto_services=[animator_service_pb2.DESCRIPTOR.services_by_name["AnimatorService"].full_name],
            register=register,
            engines={f"engine.{engine.name}": engine.available for engine in await animator.engines()},
        )

    run(build, settings)


if __name__ == "__main__":
    main()
