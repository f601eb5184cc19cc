"""A wrong environment variable is one line that names it."""

import subprocess
import sys

import pytest

from likeness_common.server import ServerSettings
from likeness_common.settings import InvalidSettings, read_settings

pytestmark = pytest.mark.unit


class Settings(ServerSettings, env_prefix="LIKENESS_SOME_"):
    """Those that every service has."""


def test_settings_come_from_the_environment_and_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIKENESS_SOME_GRACE_S", "7.5")
    settings = read_settings(Settings, listen="here:1")
    assert (settings.grace_s, settings.listen) == (7.5, "here:1")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("LIKENESS_SOME_GRACE_S", "soon", "'soon' is not accepted"),
        ("LIKENESS_SOME_MAX_CONCURRENT_RPCS", "0", "greater than or equal to 1"),
        ("LIKENESS_SOME_OTLP_ENDPOINTS", "host:4317", 'write it as JSON, such as ["host:4317"]'),
    ],
)
def test_the_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSettings) as caught:
        read_settings(Settings)
    assert caught.value.field == variable
    assert said in caught.value.message


@pytest.mark.parametrize("service", ["tts", "animator", "compositor", "gateway"])
def test_a_program_with_a_wrong_setting_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    variable = f"LIKENESS_{service.upper()}_GRACE_S"
    monkeypatch.setenv(variable, "soon")
    done = subprocess.run([sys.executable, "-m", f"likeness_{service}"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"error: {variable}: 'soon' is not accepted")
    assert len(done.stderr.splitlines()) == 1
