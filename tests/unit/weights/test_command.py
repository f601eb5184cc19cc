from pathlib import Path

import pytest

from likeness_common.weights.__main__ import main

pytestmark = pytest.mark.unit


def test_list_shows_missing_files_and_how_to_get_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "face", "--root", str(tmp_path)]) == 1
    output = capsys.readouterr()
    assert "face_landmark.tflite" in output.out
    assert "missing" in output.out
    assert "pull face" in output.err


def test_unknown_model_fails_with_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pull", "nose", "--root", str(tmp_path)]) == 1
    assert "choose from: face" in capsys.readouterr().err
