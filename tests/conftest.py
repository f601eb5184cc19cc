"""What every test needs."""

import signal

import pytest

from likeness_common.weights import WeightStore, default_root, load


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Let the processes that tests start be interrupted.

    A shell starts background jobs with SIGINT ignored, and children inherit that; they reset a handler to the default.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def weights() -> WeightStore:
    """The models that analyse portraits, fetched when they are not here yet."""
    store = WeightStore(default_root())
    store.pull(load("face"))
    return store
