"""The engine at a reduced size."""

import pytest

from tests.fakes.sadtalker import SmallSadTalker


@pytest.fixture(scope="session")
def engine() -> SmallSadTalker:
    return SmallSadTalker()
