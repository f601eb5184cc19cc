"""The client without its extra `embedded`: everything but rendering on this machine."""

import sys
import tomllib
from pathlib import Path
from subprocess import run

import pytest
from typer.testing import CliRunner

from likeness_client.cli import serve
from likeness_client.cli.main import app
from likeness_client.processes import services

pytestmark = pytest.mark.unit

SERVICES = ("likeness_tts", "likeness_animator", "likeness_compositor", "likeness_gateway")
PYPROJECT = Path(__file__).parents[3] / "client" / "pyproject.toml"
IMPORT_ALL = """
import importlib, pkgutil, sys
sys.modules.update(dict.fromkeys({names!r}))
import likeness_client
for module in pkgutil.walk_packages(likeness_client.__path__, "likeness_client."):
    if module.name != "likeness_client.embedded":
        importlib.import_module(module.name)
"""


def test_only_the_extra_asks_for_the_services() -> None:
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    names = {name.replace("_", "-") for name in SERVICES}
    assert not names & set(project["dependencies"])
    assert set(project["optional-dependencies"]["embedded"]) == names


def test_everything_else_is_imported_without_them() -> None:
    done = run([sys.executable, "-c", IMPORT_ALL.format(names=SERVICES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_rendering_without_them_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "likeness_tts", None)
    for name in ("likeness_tts.local", "likeness_client.embedded"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delenv("LIKENESS_GATEWAY", raising=False)
    done = CliRunner().invoke(app, ["voices"])
    assert done.exit_code == 4
    assert "needs likeness_tts.local; pip install 'likeness-client[embedded]'" in done.stderr


def test_serving_without_them_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "find_spec", lambda package: None if package == "likeness_tts" else object())
    assert services.missing() == ["likeness_tts"]
    monkeypatch.setattr(serve, "missing", services.missing)
    done = CliRunner().invoke(app, ["serve"])
    assert done.exit_code == 4
    assert done.stderr.startswith("error: likeness_tts missing; pip install 'likeness-client[embedded]'")
