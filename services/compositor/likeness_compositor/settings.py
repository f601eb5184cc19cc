"""Settings of the compositor service."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from likeness_common.server import ServerSettings
from likeness_compositor.local import MAX_SESSIONS


class Settings(ServerSettings):
    """Read from LIKENESS_COMPOSITOR_*; see ServerSettings for those that every service has."""

    model_config = SettingsConfigDict(env_prefix="LIKENESS_COMPOSITOR_")

    listen: str = Field("127.0.0.1:50054", description="Address to listen on, host:port.")
    max_sessions: int = Field(
        default=MAX_SESSIONS, ge=1, le=1024, description="Outputs encoded at a time; more are refused."
    )
