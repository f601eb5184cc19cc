"""Settings of the animator service."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from likeness_animator.engines.sadtalker.options import SadTalkerSettings
from likeness_animator.local import DEFAULT_MAX_SESSIONS
from likeness_animator.portrait.cache import DEFAULT_BUDGET_BYTES
from likeness_common.server import ServerSettings
from likeness_common.weights import default_root


class Settings(ServerSettings):
    """Read from LIKENESS_ANIMATOR_*; see ServerSettings for those that every service has."""

    model_config = SettingsConfigDict(env_prefix="LIKENESS_ANIMATOR_", env_nested_delimiter="__")

    listen: str = Field("127.0.0.1:50053", description="Address to listen on, host:port.")
    weights_root: Path = Field(
        default_factory=default_root, description="Folder of the weights, as `models pull` uses."
    )
    max_sessions: int = Field(
        default=DEFAULT_MAX_SESSIONS, ge=1, le=1024, description="Animations at a time; more are refused."
    )
    portrait_cache_bytes: int = Field(
        default=DEFAULT_BUDGET_BYTES,
        ge=0,
        description="Memory for analysed portraits; the least recently used are dropped.",
    )
    sadtalker: SadTalkerSettings = Field(
        default_factory=SadTalkerSettings,
        description="The engine `sadtalker`; write LIKENESS_ANIMATOR_SADTALKER__SIZE.",
    )
