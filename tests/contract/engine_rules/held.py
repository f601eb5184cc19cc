"""What this process holds."""

import gc
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

SAMPLED_EVERY_S = 0.002


@contextmanager
def held_bytes() -> Iterator[Callable[[], int]]:
    """Counts what Python, numpy and torch have allocated since, exactly: `held() - held()` of before."""
    tracemalloc.start()
    try:
        yield _held
    finally:
        tracemalloc.stop()


def _held() -> int:
    gc.collect()
    tensors = _tensors()  # first: torch keeps what looking at a tensor for the first time makes in Python
    return tracemalloc.get_traced_memory()[0] + tensors


def _tensors() -> int:
    """Bytes of all tensors, which torch allocates where Python does not see it."""
    if "torch" not in sys.modules:
        return 0
    torch = sys.modules["torch"]
    # Of other classes are those that stand for tensors while a graph is exported, and hold nothing.
    found = (item for item in gc.get_objects() if type(item) in (torch.Tensor, torch.nn.Parameter))
    return sum({item.untyped_storage().data_ptr(): item.untyped_storage().nbytes() for item in found}.values())


@contextmanager
def peak_growth() -> Iterator[Callable[[], int]]:
    """How much the process has grown at most, in bytes of resident memory, sampled all the while."""
    process, over = psutil.Process(), threading.Event()
    before = peak = process.memory_info().rss

    def sample() -> None:
        nonlocal peak
        while not over.wait(SAMPLED_EVERY_S):
            peak = max(peak, process.memory_info().rss)

    sampler = threading.Thread(target=sample, name="memory sampler")
    sampler.start()
    try:
        yield lambda: max(peak, process.memory_info().rss) - before
    finally:
        over.set()
        sampler.join()
