import hashlib
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from likeness_common.weights import Manifest, WeightFile, load
from likeness_common.weights.manifest import WheelSource

WHEEL = "tinymodel-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"
CONTENTS = {"a.bin": b"first " * 1000, "b.bin": b"second" * 500}


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes wheels from, instead of the network."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def make_manifest(index: Path) -> Callable[[], Manifest]:
    """Build a small wheel in the index and the manifest that describes it."""

    def make() -> Manifest:
        path = index / WHEEL
        with zipfile.ZipFile(path, "w") as wheel:
            for name, data in CONTENTS.items():
                wheel.writestr(f"tinymodel/{name}", data)
            wheel.writestr("tinymodel-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tinymodel\nVersion: 1.0\n")
            wheel.writestr("tinymodel-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            wheel.writestr("tinymodel-1.0.dist-info/RECORD", "")
        face = load("face")
        assert isinstance(face.source, WheelSource)
        source = replace(
            face.source,
            requirement="tinymodel==1.0",
            filename=WHEEL,
            size=path.stat().st_size,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        files = tuple(
            WeightFile(name, len(data), hashlib.sha256(data).hexdigest(), f"tinymodel/{name}")
            for name, data in CONTENTS.items()
        )
        return replace(face, name="tiny", source=source, files=files)

    return make
