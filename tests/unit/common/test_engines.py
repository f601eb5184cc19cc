"""Engines cross the wire whole."""

from dataclasses import fields, replace

import pytest

from likeness_common.convert.animation import engine_from, engine_to
from tests.fakes.animator import engine_info

pytestmark = pytest.mark.unit

FULL = engine_info(
    "full",
    "its weights are not here",
    weights=("face", "sadtalker"),
    needs_marks=True,
    expected_rtf=0.5,
    commercial_restriction="nobody has judged it",
    fixed_size=True,
)


def test_every_field_is_carried() -> None:
    assert engine_from(engine_to(FULL)) == FULL
    empty = replace(FULL, **{field.name: type(getattr(FULL, field.name))() for field in fields(FULL)})
    assert engine_from(engine_to(empty)) == empty
    assert all(getattr(FULL, field.name) != getattr(empty, field.name) for field in fields(FULL))


def test_availability_follows_its_reason() -> None:
    assert not engine_to(FULL).available
    assert engine_to(replace(FULL, unavailable_reason="")).available
