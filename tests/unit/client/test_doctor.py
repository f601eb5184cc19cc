"""Each check says whether all is well, and what to do when it is not."""

import json
import os
import socket
import sys
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from likeness_client.cli import doctor as command
from likeness_client.cli.main import app
from likeness_client.doctor import Finding, machine, software
from likeness_client.paths import home_from
from likeness_common.weights import WeightStore, default_root

pytestmark = pytest.mark.unit


def test_python() -> None:
    assert software.python(sys.version_info[:3]).ok
    old = software.python((3, 9, 1))
    assert old.detail.startswith("3.9.1 ")
    assert old.fix == "install Python 3.11 or newer"


def test_packages() -> None:
    found = software.packages(("numpy", "av"), metadata.version)
    assert found.ok
    assert metadata.version("numpy") in found.detail
    missing = software.packages(("numpy", "no-such-package"), metadata.version)
    assert missing.detail == "no-such-package missing"
    assert missing.fix == "pip install no-such-package"


def test_encoders() -> None:
    assert software.encoders(software.ENCODERS).ok
    lacking = software.encoders(("libx264", "no_such_encoder"))
    assert "lacks no_such_encoder" in lacking.detail
    assert "av" in lacking.fix


@pytest.mark.parametrize(
    ("module", "check"),
    [
        ("av", lambda: software.encoders(("aac",))),
        ("imageio_ffmpeg", software.ffmpeg),
        ("espeakng_loader", software.espeak),
    ],
)
def test_a_package_that_cannot_be_loaded_is_a_finding(monkeypatch, module: str, check) -> None:
    assert check().ok
    monkeypatch.setitem(sys.modules, module, None)
    finding = check()
    assert not finding.ok
    assert module in finding.detail
    assert "pip install" in finding.fix


def test_models(tmp_path: Path) -> None:
    missing = software.weights(WeightStore(tmp_path), "face")
    assert "face_landmark.tflite missing" in missing.detail
    assert missing.fix == "likeness models pull face"
    assert software.weights(WeightStore(default_root()), "face").detail == "4 files verified"


def test_cores(monkeypatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert not machine.cores().ok
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    assert machine.cores() == Finding("cores", "2")


@pytest.mark.parametrize(("kib", "well"), [(500_000, False), (4_000_000, True)])
def test_memory(tmp_path: Path, kib: int, well: bool) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text(f"MemTotal:       8000000 kB\nMemAvailable:   {kib} kB\n")
    assert machine.memory(meminfo).ok is well
    assert machine.memory(tmp_path / "nothing").ok


def test_disk(tmp_path: Path, monkeypatch) -> None:
    assert machine.disk(tmp_path / "not" / "there" / "yet").ok
    monkeypatch.setattr(machine, "MIN_DISK_BYTES", 1 << 62)
    assert "free some space" in machine.disk(tmp_path).fix
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "LIKENESS_HOME" in machine.disk(tmp_path).fix


def test_ports() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert "--port" in machine.listening(port, served=False).fix
        assert machine.listening(port, served=True).ok
    assert machine.listening(port, served=False).ok


def test_the_report_ends_with_a_verdict_and_an_exit_code(monkeypatch) -> None:
    findings = [Finding("cores", "8"), Finding("disk", "full", "free some space")]
    monkeypatch.setattr(command, "_findings", lambda: iter(findings))
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "ok      cores: 8",
        "problem disk: full",
        "        fix: free some space",
        "",
        "1 to fix",
    ]
    document = json.loads(CliRunner().invoke(app, ["doctor", "--json"]).stdout)
    assert [entry["ok"] for entry in document] == [True, False]
    monkeypatch.setattr(command, "_findings", lambda: iter(findings[:1]))
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 0


def test_waiting_for_a_server_that_never_comes_ends(monkeypatch) -> None:
    monkeypatch.setattr(command, "WAIT_LIMIT_S", 0.1)
    done = CliRunner().invoke(app, ["doctor", "--wait-for", "127.0.0.1:1"])
    assert done.exit_code == 4
    assert "nothing serves at 127.0.0.1:1" in done.stderr


def test_folders_follow_the_environment(tmp_path: Path) -> None:
    chosen = home_from({"LIKENESS_HOME": str(tmp_path), "XDG_DATA_HOME": "/elsewhere"})
    assert (chosen.data, chosen.weights) == (tmp_path / "data", tmp_path)
    usual = home_from({"XDG_DATA_HOME": "/elsewhere"})
    assert (usual.data, usual.weights) == (Path("/elsewhere/likeness"), default_root())
    assert home_from({}).data == Path.home() / ".local" / "share" / "likeness"
