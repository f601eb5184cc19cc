"""What every test needs."""

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Let the processes that tests start be interrupted.

    A shell starts background jobs with SIGINT ignored, and children inherit that; they reset a handler to the default.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
