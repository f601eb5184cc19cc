"""Enums in both directions from one table."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from likeness_common.errors import InvalidArgument, Reason

Member = TypeVar("Member", bound=Enum)

_UNSET = 0
"""What proto3 reads from a field that was never written; our enums give it to their UNSPECIFIED."""


def inverse(table: Mapping[Member, int], unset: Member | None = None) -> dict[int, Member]:
    """The table that reads what `table` writes. A number that was not set is read as `unset`, where there is one."""
    read = {number: member for member, number in table.items()}
    return read if unset is None else {_UNSET: unset, **read}


def read_member(table: Mapping[int, Member], number: int, field: str) -> Member:
    """The member that `number` stands for. Raises InvalidArgument for one outside the table, naming `field`."""
    if number not in table:
        *names, last = dict.fromkeys(member.name for member in table.values())
        message = f"{field} {number} is not known; use {', '.join(names)} or {last}"
        raise InvalidArgument(Reason.FIELD_INVALID, message, field=field)
    return table[number]
