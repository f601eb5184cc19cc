"""Settings of the speech service."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from likeness_common.server import ServerSettings
from likeness_tts.local import MAX_SCRIPTS


class Settings(ServerSettings):
    """Read from LIKENESS_TTS_*; see ServerSettings for those that every service has."""

    model_config = SettingsConfigDict(env_prefix="LIKENESS_TTS_")

    listen: str = Field("127.0.0.1:50052", description="Address to listen on, host:port.")
    max_scripts: int = Field(MAX_SCRIPTS, ge=1, le=1024, description="Scripts read at a time; more are refused.")
