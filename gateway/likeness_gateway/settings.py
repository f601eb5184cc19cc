"""Settings of the gateway."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from likeness_common.server import ServerSettings
from likeness_gateway.renders.limits import Limits

MIB = 1024 * 1024


class Settings(ServerSettings):
    """Read from LIKENESS_GATEWAY_*; see ServerSettings for those that every service has."""

    model_config = SettingsConfigDict(env_prefix="LIKENESS_GATEWAY_")

    listen: str = Field(default="127.0.0.1:50051", description="Address to listen on, host:port.")
    tts_address: str = Field(default="127.0.0.1:50052", description="The speech service, as a gRPC target.")
    animator_address: str = Field(default="127.0.0.1:50053", description="The animator service, as a gRPC target.")
    compositor_address: str = Field(default="127.0.0.1:50054", description="The compositor service, as a gRPC target.")
    data_dir: Path = Field(
        default=Path("likeness-data"), description="Folder of the database, the segments and the photos."
    )
    max_concurrent_renders: int = Field(default=4, ge=1, description="Renders that run at once.")
    max_queued_renders: int = Field(default=16, ge=0, description="Renders that wait for a slot; more are refused.")
    keep_renders_s: float = Field(
        default=24 * 3600.0, gt=0, description="Time for which ended renders are kept, in seconds."
    )
    keep_renders_mib: int = Field(default=10_240, ge=0, description="Most MiB of ended renders; the oldest go first.")
    keep_render_records: int = Field(default=10_000, ge=1, description="Most ended renders; the oldest go first.")
    keep_portraits_mib: int = Field(
        default=2_048, ge=20, description="Most MiB of photos; the least recently used go first."
    )
    stall_s: float = Field(
        default=60.0, gt=0, description="Time after which a caller that takes nothing loses its render, in seconds."
    )
    max_video_s: float = Field(
        default=3600.0, gt=0, description="Longest video, as estimated from its script, in seconds."
    )
    services_wait_s: float = Field(default=30.0, ge=0, description="Time that the services get to answer at the start.")

    def limits(self) -> Limits:
        """Bounds of the renders."""
        return Limits(
            concurrent=self.max_concurrent_renders,
            queued=self.max_queued_renders,
            keep_s=self.keep_renders_s,
            keep_bytes=self.keep_renders_mib * MIB,
            keep_records=self.keep_render_records,
            stall_s=self.stall_s,
        )
