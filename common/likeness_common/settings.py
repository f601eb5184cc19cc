"""Reads settings from the environment, and says in one line which variable is wrong."""

import re
import sys
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsError

from likeness_common.errors import InvalidArgument, Reason

Kind = TypeVar("Kind", bound=BaseSettings)

EXIT_USAGE = 2


class InvalidSettings(InvalidArgument):
    """An environment variable holds what its setting cannot be; `field` is the variable."""


def read_settings(kind: type[Kind], **given: Any) -> Kind:
    """Settings from the environment and from `given`. Raises InvalidSettings."""
    prefix = kind.model_config.get("env_prefix", "")
    try:
        return kind(**given)
    except ValidationError as error:
        first = error.errors()[0]
        # Settings of a part of a service follow its name after two underscores.
        name, wrong = (
            "__".join(part for part in first["loc"] if isinstance(part, str)),
            f"{first['input']!r} is not accepted: {first['msg']}",
        )
    except SettingsError as error:  # a list that is not JSON; only the text says of which field
        found = re.search(r'field "(\w+)"', str(error))
        name, wrong = found[1] if found else "", 'it is a list; write it as JSON, such as ["host:4317"]'
    raise InvalidSettings(Reason.FIELD_INVALID, wrong, field=f"{prefix}{name}".upper())


def settings_or_exit(kind: type[Kind]) -> Kind:
    """The settings of a program, which ends with one line and status 2 when they are wrong."""
    try:
        return read_settings(kind)
    except InvalidSettings as error:
        sys.stderr.write(f"error: {error.field}: {error.message}\n")
        sys.exit(EXIT_USAGE)
