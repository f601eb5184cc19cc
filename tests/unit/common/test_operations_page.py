"""The operations page names every setting, and none that does not exist."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

import likeness_animator.settings
import likeness_compositor.settings
import likeness_gateway.settings
import likeness_tts.settings
from likeness_common.server import ServerSettings

pytestmark = pytest.mark.unit

PAGE = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
SETTINGS: list[type[ServerSettings]] = [
    likeness_tts.settings.Settings,
    likeness_animator.settings.Settings,
    likeness_compositor.settings.Settings,
    likeness_gateway.settings.Settings,
]


@pytest.mark.parametrize("name", [name.upper() for name in ServerSettings.model_fields])
def test_settings_of_every_service_are_described(name: str) -> None:
    assert f"| `{name}` |" in PAGE


def test_the_settings_of_each_service_are_described_and_real() -> None:
    own = {
        f"{settings.model_config['env_prefix']}{name.upper()}"
        for settings in SETTINGS
        for own in settings.model_fields.keys() - ServerSettings.model_fields.keys()
        for name in _names(own, settings.model_fields[own].annotation)
    }
    assert set(re.findall(r"\| `(LIKENESS_\w+)` \|", PAGE)) == own


def _names(name: str, kind: object) -> list[str]:
    """A setting, or, where it is a group of them, those in it."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [f"{name}__{part}" for part in kind.model_fields]
    return [name]
