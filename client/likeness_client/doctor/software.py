"""Checks of the software: Python, packages, codecs, the voice and the face models.

Packages are imported inside the checks, so that a broken one is reported like everything else.
"""

import ctypes
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from likeness_client.doctor.check import Finding, problem, well
from likeness_client.paths import Home
from likeness_common.weights import FileState, WeightStore, load, names

MIN_PYTHON = (3, 11)
PACKAGES = ("grpcio", "protobuf", "av", "numpy", "opencv-python-headless", "ai-edge-litert", "soxr", "imageio-ffmpeg")
ENCODERS = ("libx264", "aac", "libvpx-vp9", "libopus")
_INSTALL = "install Likeness again: pip install --force-reinstall 'likeness-client[embedded]'"


def software_findings(home: Home) -> Iterator[Finding]:
    """Check everything that rendering in this Python needs."""
    yield python(sys.version_info[:3])
    yield packages(PACKAGES, metadata.version)
    yield encoders(ENCODERS)
    yield ffmpeg()
    yield espeak()
    store = WeightStore(home.weights)
    for name in names():
        yield weights(store, name)


def python(version: tuple[int, ...]) -> Finding:
    """The interpreter that runs this."""
    detail = f"{'.'.join(map(str, version))} at {sys.executable}"
    if version < MIN_PYTHON:
        return problem("Python", detail, f"install Python {'.'.join(map(str, MIN_PYTHON))} or newer")
    return well("Python", detail)


def packages(wanted: tuple[str, ...], version: Callable[[str], str]) -> Finding:
    """Packages that the services import; `version` raises PackageNotFoundError for a missing one."""
    found, missing = [], []
    for name in wanted:
        try:
            found.append(f"{name} {version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return problem("packages", f"{', '.join(missing)} missing", f"pip install {' '.join(missing)}")
    return well("packages", ", ".join(found))


def encoders(wanted: tuple[str, ...]) -> Finding:
    """Encoders inside PyAV."""
    fix = "pip install --force-reinstall av"
    try:
        av = import_module("av")
    except ImportError as error:
        return problem("encoders", f"PyAV cannot be loaded: {error}", fix)
    missing = [name for name in wanted if not _can_encode(av, name)]
    if missing:
        return problem("encoders", f"PyAV {av.__version__} lacks {', '.join(missing)}", fix)
    return well("encoders", f"{', '.join(wanted)} in PyAV {av.__version__}")


def _can_encode(av: Any, name: str) -> bool:
    try:
        av.codec.Codec(name, "w")
    except ValueError:
        return False
    return True


def ffmpeg() -> Finding:
    """The ffmpeg program."""
    try:
        program = import_module("imageio_ffmpeg").get_ffmpeg_exe()
        first = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (ImportError, RuntimeError, OSError, subprocess.SubprocessError) as error:
        return problem("ffmpeg", str(error), "pip install --force-reinstall imageio-ffmpeg")
    return well("ffmpeg", f"{first.split(' Copyright')[0].removeprefix('ffmpeg version ')} at {program}")


def espeak() -> Finding:
    """The library and the data of the embedded voice."""
    fix = "pip install --force-reinstall espeakng-loader"
    try:
        loader = import_module("espeakng_loader")
        library = ctypes.CDLL(loader.get_library_path())
    except (ImportError, OSError) as error:
        return problem("espeak-ng", f"cannot be loaded: {error}", fix)
    if not Path(loader.get_data_path()).is_dir():
        return problem("espeak-ng", f"its data is not at {loader.get_data_path()}", fix)
    library.espeak_Info.restype = ctypes.c_char_p
    version: bytes = library.espeak_Info(None)
    return well("espeak-ng", f"{version.decode()} with its data")


def weights(store: WeightStore, name: str) -> Finding:
    """The files of one model, read and compared with their SHA-256. Only some models have to be here."""
    manifest = load(name)
    if not manifest.required and not store.pulled(manifest):
        return well(f"{name} models", f"not here, and not needed for tier DRAFT; to get them: {manifest.pull_command}")
    bad = [stored for stored in store.verify(manifest) if stored.state is not FileState.PRESENT]
    if bad:
        detail = ", ".join(f"{stored.file.name} {stored.state.value}" for stored in bad)
        return problem(f"{name} models", detail, manifest.pull_command)
    return well(f"{name} models", f"{len(manifest.files)} files verified")
