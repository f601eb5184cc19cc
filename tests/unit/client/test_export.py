"""`likeness export`, up to where it needs weights."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from likeness_client.cli.main import app

pytestmark = pytest.mark.unit


def likeness(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "200", "LIKENESS_HOME": str(home)})


@pytest.mark.parametrize(("size", "model"), [("256", "sadtalker"), ("512", "sadtalker-512")])
def test_missing_weights_are_named_with_the_fix(tmp_path: Path, size: str, model: str) -> None:
    done = likeness(tmp_path, "export", "sadtalker", "--to", "onnx", "--size", size)
    assert done.exit_code == 4
    assert f"Run `likeness models pull {model}` and try again" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("package", ["likeness_animator.export", "torch", "onnx"])
def test_missing_packages_are_named_with_the_fix(tmp_path: Path, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    done = likeness(tmp_path, "export", "sadtalker", "--to", "onnx")
    assert done.exit_code == 4
    assert f"exporting needs the package {package}" in done.stderr
    assert "pip install 'likeness-animator[export]'" in done.stderr


def test_an_engine_without_graphs_is_refused(tmp_path: Path) -> None:
    done = likeness(tmp_path, "export", "mesh", "--to", "onnx")
    assert done.exit_code == 3
    assert "'mesh' has no graphs to export; choose sadtalker" in done.stderr


def test_nothing_is_written_over(tmp_path: Path) -> None:
    done = likeness(tmp_path, "export", "sadtalker", "--to", "coreml", "--output", str(tmp_path))
    assert done.exit_code == 3
    assert f"{tmp_path} is there already; remove it or name another folder" in done.stderr


@pytest.mark.parametrize(
    "wrong", [("--to", "tensorrt"), ("--to", "onnx", "--size", "300"), ()], ids=["format", "size", "no format"]
)
def test_wrong_usage_is_explained(tmp_path: Path, wrong: tuple[str, ...]) -> None:
    done = likeness(tmp_path, "export", "sadtalker", *wrong)
    assert done.exit_code == 2
    assert "--to" in done.stderr or "--size" in done.stderr


def test_one_precision_is_asked_for(tmp_path: Path) -> None:
    done = likeness(tmp_path, "export", "sadtalker", "--to", "onnx", "--half", "--int8")
    assert done.exit_code == 2
    assert "--half and --int8 exclude each other" in done.stderr


@pytest.mark.parametrize(("option", "precision"), [("half", "float16"), ("int8", "int8")])
def test_a_bundle_is_written_and_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, precision: str
) -> None:
    def write(engine: str, job: object, store: object, tell: Callable[[str], None]) -> None:
        tell(f"{engine} {job}")

    monkeypatch.setattr("likeness_animator.export.export", write)
    done = likeness(tmp_path, "export", "sadtalker", "--to", "onnx", f"--{option}", "--size", "512")
    folder = tmp_path / "bundles" / f"sadtalker-512-onnx-{option}"
    assert done.exit_code == 0, done.output
    assert f"sadtalker Job(format='onnx', precision={precision!r}, size=512, output={folder!r})" in done.stdout
    assert f"wrote {folder}" in done.stdout
