"""The parity tests notice when a detail of the structure changes."""

import pytest

from .mutations import QUICK, Mutation

pytestmark = pytest.mark.parity


@pytest.mark.parametrize("mutation", QUICK, ids=lambda mutation: mutation.name)
def test_a_change_is_noticed(mutation: Mutation) -> None:
    before, tolerance = mutation.comparison()
    after, _ = mutation.error()
    assert before <= tolerance < after
