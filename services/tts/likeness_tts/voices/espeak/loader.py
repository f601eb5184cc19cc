"""Private copies of the eSpeak NG library, one per script.

The library keeps the state of its synthesiser in C statics (pitch flutter, gain control, cycle counters) that no call
resets. In a shared copy one script would change the samples and durations of the next; with a copy of its own, the
audio of a script is a function of the script alone, and scripts may run at the same time. A copy costs about 2 ms.
"""

import ctypes
import functools
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import espeakng_loader


@contextmanager
def private_copy() -> Iterator[ctypes.CDLL]:
    """The library with statics of its own, until the context is left."""
    with _copied_file() as path:
        library = ctypes.CDLL(path)
        try:
            yield library
        finally:
            _unload(library)


@contextmanager
def _copied_file() -> Iterator[str]:
    """A path no other copy has while this one is loaded: to the loader, the same name is the same library."""
    if sys.platform == "linux":
        # In memory: leaves nothing behind even when the process is killed, and needs no writable disk.
        with os.fdopen(os.memfd_create("espeak-ng"), "wb") as file:
            file.write(_image())
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
    else:
        with tempfile.TemporaryDirectory(prefix="likeness-espeak-", ignore_cleanup_errors=True) as folder:
            copy = Path(folder) / _installed().name
            copy.write_bytes(_image())
            yield str(copy)


@functools.cache
def _image() -> bytes:
    return _installed().read_bytes()


def _installed() -> Path:
    return Path(espeakng_loader.get_library_path())


def _unload(library: ctypes.CDLL) -> None:
    handle = ctypes.c_void_p(library._handle)
    if sys.platform == "win32":
        ctypes.WinDLL("kernel32").FreeLibrary(handle)
    else:
        ctypes.CDLL(None).dlclose(handle)
